"""Package indexes of Python: a project's files with their hashes (PEP 503, 592, 691)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import urljoin

from piot.effects.http import Answer, Http
from piot.model.pins import canonical
from piot.model.python.index import ACCEPT, IndexFile, file_version, files_on
from piot.model.release.listing import Held, Listing
from piot.model.release.registry import Place
from piot.release.observe.asking import FRESH, ask, read, refused


def listing(http: Http, place: Place, name: str) -> Listing | None:
    """Every file of a project, yanked ones too; None when the index does not know it. Raises Unreadable.

    A project without files is known.
    """
    headers = {**FRESH, "Accept": ACCEPT}
    answer = ask(http, f"{place.index.rstrip('/')}/{canonical(name)}/", headers=headers)
    if answer.status == 404:
        return None
    found = read(answer, _files, "page of a package index")
    return Listing(name=name, files=tuple(_held(file, answer.url) for file in found))


def hashed(http: Http, held: Held) -> Held:
    """With the SHA-256 of the file itself, for an index that does not tell it; raises Unreadable."""
    if held.sha256 is not None or held.url is None:
        return held
    answer = ask(http, held.url, headers=FRESH)
    if answer.status != 200:
        raise refused(answer)
    return replace(held, sha256=hashlib.sha256(answer.body).hexdigest())


def _files(answer: Answer) -> tuple[IndexFile, ...]:
    return files_on(answer.body, answer.headers.get("content-type", ""))


def _held(file: IndexFile, page: str) -> Held:
    return Held(
        file=file.filename,
        version=file_version(file.filename) or "",
        sha256=file.sha256,
        yanked=file.yanked,
        url=urljoin(page, file.url) if file.url else None,
    )
