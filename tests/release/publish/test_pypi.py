"""Attestations that lie beside a file go into the form of its upload, for trusted publishers only."""

from __future__ import annotations

import hashlib
import json
import zipfile
from contextlib import closing
from email import message_from_bytes
from pathlib import Path

import pytest

from piot.effects.http import Http
from piot.errors import InputError
from piot.model.artifact import Artifact
from piot.model.registry import Place
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


def send(server: Loopback, found: Found, *, attested: bool = True) -> dict[str, str]:
    place = Place(name="pypi", kind="pypi", index=server.url, upload=f"{server.url}/legacy/")
    with server.running(), closing(Http()) as http:
        upload(http, place, found, Login(user="__token__", password="p"), attested=attested)
    return fields(server.requests[-1])


def index() -> Plain:
    return Plain(lambda _: Reply())


def test_every_kind_of_attestation_goes_along_as_one_array(found: Found) -> None:
    for ending in ("publish", "slsa"):
        found.path.with_name(f"{NAME}.{ending}.attestation").write_text(
            json.dumps({"version": 1, "k": ending})
        )
    sent = send(index(), found)
    assert json.loads(sent["attestations"]) == [{"version": 1, "k": "publish"}, {"version": 1, "k": "slsa"}]
    assert sent["sha256_digest"] == found.artifact.sha256


def test_there_is_no_field_without_them_or_without_a_trusted_publisher(found: Found) -> None:
    assert "attestations" not in send(index(), found)
    found.path.with_name(f"{NAME}.publish.attestation").write_text("{}")
    assert "attestations" not in send(index(), found, attested=False)


def test_what_is_no_attestation_is_not_sent(found: Found) -> None:
    server, path = index(), found.path.with_name(f"{NAME}.publish.attestation")
    path.write_text("[]")
    with pytest.raises(InputError) as raised:
        send(server, found)
    assert (raised.value.message, server.requests) == (f"{path} is no attestation", [])


def test_the_refusal_of_an_attestation_is_explained(found: Found) -> None:
    words = {"message": "Invalid attestations supplied during upload: verification failed"}
    server = index()
    server.faults.append(Fault(what="status", method="POST", path="/", reply=Reply.of(words, 400)))
    with pytest.raises(Refused) as raised:
        send(server, found)
    assert raised.value.hint == "the attestations beside the file are not of it, or not of this job"
    assert not raised.value.passing
