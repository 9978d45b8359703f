"""Cargo registries: a crate's versions by the sparse index, and by the API, which knows them first."""

from __future__ import annotations

import json
from typing import cast

from piot.effects.http import Answer, Http
from piot.model.cargo.index import IndexSettings, crate_file, lines_on, page_path
from piot.model.release.listing import Held, Listing
from piot.model.release.registry import Place
from piot.release.observe.asking import FRESH, Unreadable, ask, read, refused

_GONE = frozenset({404, 410, 451})
"""How an index says that it has no such crate (cargo reference, *Nonexistent Crates*)."""


def listing(http: Http, place: Place, name: str, *, token: str | None = None) -> Listing | None:
    """Every version in the index, yanked ones too; None when there is no such crate. Raises Unreadable.

    This is what cargo resolves dependencies by, so a version that is here is visible to dependents.
    """
    answer = _ask(http, f"{_base(place)}/{page_path(name)}", token)
    if answer.status in _GONE:
        return None
    lines = read(answer, lambda its: lines_on(its.body), "page of a registry index")
    return Listing(
        name=name,
        files=tuple(
            Held(
                file=crate_file(name, line.version),
                version=line.version,
                sha256=line.cksum,
                yanked=line.yanked,
            )
            for line in lines
        ),
    )


def settings(http: Http, place: Place, *, token: str | None = None) -> IndexSettings:
    """What the index says of its registry; raises Unreadable."""
    answer = _ask(http, f"{_base(place)}/config.json", token)
    if answer.status != 200:
        raise refused(answer)
    try:
        return IndexSettings.parse(answer.body)
    except ValueError as error:
        raise Unreadable.at(answer.url, f"is no registry index: {error}") from error


def by_api(http: Http, api: str, name: str, version: str, *, token: str | None = None) -> Held | None:
    """A version as the registry's database has it, which may be minutes before the index does.

    None where it is not there, or where the registry has no such route: cargo does not ask for one
    (cargo reference, *Web API*). Raises Unreadable when the registry does not answer.
    """
    answer = _ask(http, f"{api}/api/v1/crates/{name}/{version}", token)
    if answer.status != 200:
        return None
    try:
        said = cast("dict[str, dict[str, object]]", json.loads(answer.body))["version"]
        checksum, number = said["checksum"], said["num"]
    except (ValueError, KeyError, TypeError):
        return None
    return Held(
        file=crate_file(name, version),
        version=str(number),
        sha256=str(checksum).lower(),
        yanked=said.get("yanked") is True,
    )


def _base(place: Place) -> str:
    """The address of a sparse index; raises Unreadable for one that is a git repository."""
    if not place.index.startswith("sparse+"):
        raise Unreadable.at(place.index, "is a git index; only sparse ones are read")
    return place.index.removeprefix("sparse+").rstrip("/")


def _ask(http: Http, url: str, token: str | None) -> Answer:
    """A private registry wants its token for reading too; others are not shown it."""
    answer = ask(http, url, headers=FRESH)
    if answer.status in (401, 403) and token is not None:
        return ask(http, url, headers={**FRESH, "Authorization": token})
    return answer
