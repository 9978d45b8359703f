"""One tool of package-lock.json with all that it needs, at the places that the lock file gives them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from piot.errors import InputError
from piot.model.fetch import NpmFetch
from piot.model.npm.package_lock import MODULES, NpmLock, name_of
from piot.model.tables import as_table

OUTDATED = "run `npm install` and commit the file"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmClosure:
    """``place`` is the folder of the tool itself; ``packages`` are (folder, what stands there), sorted.

    Folders are relative to that of the lock file. ``programs`` are paths below ``place`` by name.
    """

    place: str
    version: str
    programs: Mapping[str, str]
    packages: tuple[tuple[str, NpmFetch], ...]


def closure_of(name: str, lock: NpmLock, importer: str) -> NpmClosure:
    """What ``importer``, a folder below that of the lock file, gets as ``name`` on the host of ``lock``.

    Optional packages count where they are for the host and the lock file has them (Node.js, *Loading from
    node_modules folders*). Raises InputError when the lock file lacks something.
    """
    start = _resolved(name, importer, lock)
    if start is None:
        hint = f"run `npm install --save-dev {name}` and commit the file"
        raise InputError(f"{lock.path} has no {name}", hint=hint)
    pinned = {(fetch.name, fetch.version): fetch for fetch in lock.fetches}
    found: dict[str, NpmFetch] = {}
    ahead = [start]
    while ahead:
        place = ahead.pop()
        fetch = pinned.get((name_of(place, lock.rows[place]), str(lock.rows[place].get("version"))))
        if place not in found and fetch is not None:
            found[place] = fetch
            ahead += _needed(place, lock)
    row = lock.rows[start]
    return NpmClosure(
        place=start,
        version=str(row.get("version")),
        programs={each: str(path) for each, path in as_table(row.get("bin")).items()},
        packages=tuple(sorted(found.items(), key=lambda pair: pair[0])),
    )


def _resolved(name: str, folder: str, lock: NpmLock) -> str | None:
    """Where Node.js finds ``name`` from ``folder``: in the nearest ``node_modules`` upwards."""
    while True:
        place = posixpath.join(folder, f"{MODULES}{name}")
        if place in lock.rows:
            return place
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _needed(place: str, lock: NpmLock) -> Iterator[str]:
    row = lock.rows[place]
    meta = as_table(row.get("peerDependenciesMeta"))
    lenient = {peer for peer, said in meta.items() if as_table(said).get("optional") is True}
    lenient |= set(as_table(row.get("optionalDependencies")))
    for table in ("dependencies", "optionalDependencies", "peerDependencies"):
        for name in as_table(row.get(table)):
            found = _resolved(name, place, lock)
            if found is not None:
                yield found
            elif name not in lenient:
                raise InputError(f"{lock.path}: {place} needs {name}, which is not there", hint=OUTDATED)
