"""Uploads to package indexes of Python, one file at a time."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass, field

from piot.effects.clock import now
from piot.effects.http import Answer, Http
from piot.errors import InputError
from piot.model.python.upload import upload_form
from piot.model.release.registry import Place
from piot.release.artifacts import Found
from piot.release.publish.refusal import Refused

_HINTS = {
    "previously used by a file that has since been deleted": "release another version: the name is burnt",
    "releases older than 14 days": "release another version: this one takes no more files",
    "Only one sdist may be uploaded": "another sdist of this version is there already",
    "Non-user identities cannot create new projects": (
        "the pending publisher is of another project name; its name must be that in pyproject.toml"
    ),
    "Invalid attestations supplied": "the attestations beside the file are not of it, or not of this job",
    "isn't allowed to upload to project": "the token is for other projects",
    "Invalid or non-existent authentication": "the token is wrong, or was revoked",
}
"""What to do about PyPI's permanent refusals, by words that it keeps stable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user and a password or token (``__token__``)."""

    user: str
    password: str = field(repr=False)

    @property
    def header(self) -> str:
        """Basic authentication (RFC 7617)."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


def upload(http: Http, place: Place, found: Found, login: Login, *, attestations: str = "") -> None:
    """Sends one file, with its ``attestations`` (a JSON array) where there are any: a trusted publisher may.

    Raises Refused with the index's own words, MachineError when no answer comes, InputError for a file that
    was changed.
    """
    data = found.read()
    kind, body = upload_form(found.artifact, data, metadata_of(found, data), attestations=attestations)
    headers = {
        "Authorization": login.header,
        "Content-Type": kind,
        "Accept": "application/json;q=0.9, text/plain;q=0.8",
    }
    answer = http.send("POST", place.upload or "", headers=headers, content=body)
    if answer.status not in (200, 201):
        raise _refusal(found, answer)


def metadata_of(found: Found, data: bytes) -> bytes:
    """METADATA of a wheel, PKG-INFO of an sdist; raises InputError for a file that has none."""
    try:
        if found.artifact.kind == "wheel":
            with zipfile.ZipFile(io.BytesIO(data)) as wheel:
                names = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
                return wheel.read(next(names))
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as sdist:
            member = sdist.extractfile(f"{found.artifact.file.removesuffix('.tar.gz')}/PKG-INFO")
            return member.read() if member is not None else b""
    except (OSError, EOFError, StopIteration, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise InputError(f"{found.path} has no metadata: it is no file for a package index") from error


def _refusal(found: Found, answer: Answer) -> Refused:
    words = _words(answer)
    wait = answer.wait(now=now())
    return Refused(
        f"the index refuses {found.artifact.file} ({answer.status}): {words}",
        hint=next((hint for text, hint in _HINTS.items() if text in words), None),
        passing=answer.status in (408, 425, 429) or answer.status >= 500,
        wait=wait,
    )


def _words(answer: Answer) -> str:
    """What the index says, of which a page for browsers is left out."""
    text = answer.body.decode("utf-8", "replace").strip()
    try:
        said = json.loads(text)
        text = str(said.get("message") or said.get("code") or text)
    except (ValueError, AttributeError):
        text = "" if text.startswith("<") else text
    return text[:500] or "it gives no reason"
