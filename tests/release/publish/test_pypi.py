"""Attestations that lie beside a file go into the form of its upload, for trusted publishers only."""

from __future__ import annotations

import hashlib
import zipfile
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.model.release.artifact import Artifact
from piot.model.release.registry import Place
from piot.release.artifacts import Found
from piot.release.publish.pypi import Login, upload
from piot.release.publish.refusal import Refused
from tests.support.loopback import Fault, Loopback, Plain, Reply, Request

NAME = "my_py-1.0.0-py3-none-any.whl"


@pytest.fixture
def found(tmp_path: Path) -> Found:
    with zipfile.ZipFile(tmp_path / NAME, "w") as wheel:
        wheel.writestr(
            "my_py-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: my-py\nVersion: 1.0.0\n"
        )
    digest = hashlib.sha256((tmp_path / NAME).read_bytes()).hexdigest()
    artifact = Artifact(
        package="my-py", kind="wheel", registry_name="my-py", version="1.0.0", file=NAME, sha256=digest
    )
    return Found(artifact=artifact, path=tmp_path / NAME)


def fields(request: Request) -> dict[str, str]:
    head = f"Content-Type: {request.headers['content-type']}\n\n".encode()
    parts = [each for each in message_from_bytes(head + request.body).walk() if not each.is_multipart()]
    return {str(p.get_param("name", header="content-disposition")): str(p.get_payload()) for p in parts}


def send(server: Loopback, found: Found, *, attestations: str = "") -> dict[str, str]:
    place = Place(name="pypi", kind="pypi", index=server.url, upload=f"{server.url}/legacy/")
    with server.running(), closing(Http()) as http:
        upload(http, place, found, Login(user="__token__", password="p"), attestations=attestations)
    return fields(server.requests[-1])


def index() -> Plain:
    return Plain(lambda _: Reply())


def test_attestations_are_a_field_of_their_own_where_there_are_any(found: Found) -> None:
    sent = send(index(), found, attestations='[{"version": 1}]')
    assert (sent["attestations"], sent["sha256_digest"]) == ('[{"version": 1}]', found.artifact.sha256)
    assert "attestations" not in send(index(), found)


def test_the_refusal_of_an_attestation_is_explained(found: Found) -> None:
    words = {"message": "Invalid attestations supplied during upload: verification failed"}
    server = index()
    server.faults.append(Fault(what="status", method="POST", path="/", reply=Reply.of(words, 400)))
    with pytest.raises(Refused) as raised:
        send(server, found)
    assert raised.value.hint == "the attestations beside the file are not of it, or not of this job"
    assert not raised.value.passing
