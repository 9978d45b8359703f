"""Registries of npm: a package's versions with the integrity of their tarballs."""

from __future__ import annotations

from piot.effects.http import Http
from piot.model.npm.packument import Packument, escaped, tarball_name
from piot.model.npm.stage import StagedVersion
from piot.model.release.listing import Held, Listing
from piot.model.release.registry import Place
from piot.release.observe.asking import FRESH, Unreadable, ask, read


def packument(http: Http, place: Place, name: str) -> Packument | None:
    """All of a package; None when the registry has none of that name. Raises Unreadable.

    ``write=true`` is how npm itself asks before it changes something: caches are passed by, which keep a
    "not found" for minutes. 401 and 403 say nothing about the name: a private registry gives them for all.
    """
    answer = ask(http, f"{place.index.rstrip('/')}/{escaped(name)}?write=true", headers=FRESH)
    if answer.status == 404:
        return None
    return read(answer, lambda its: Packument.parse(its.body), "answer of a registry of npm")


def waiting(http: Http, place: Place, name: str, token: str) -> tuple[StagedVersion, ...] | None:
    """Versions that wait for an approval; None where this token may not ask.

    Short-lived tokens may not (npm docs, *stage*), nor do all registries know the question: what is not told
    here is told by the answer to staging it again, which no registry does twice.
    """
    address = f"{place.index.rstrip('/')}/-/stage?package={escaped(name)}&page=0&perPage=100"
    try:
        answer = ask(http, address, headers={**FRESH, "Authorization": f"Bearer {token}"})
        return StagedVersion.parse(answer.body) if answer.status == 200 else None
    except (Unreadable, ValueError):
        return None


def listing(http: Http, place: Place, name: str) -> Listing | None:
    """The tarball of every version; None when the registry does not know the name. Raises Unreadable."""
    found = packument(http, place, name)
    if found is None:
        return None
    return Listing(
        name=name,
        files=tuple(
            Held(
                file=tarball_name(name, each.version),
                version=each.version,
                integrity=each.integrity,
                url=each.tarball,
            )
            for each in found.versions
        ),
        withdrawn=found.withdrawn,
        reserved=found.reserves and not found.versions,
    )
