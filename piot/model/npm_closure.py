"""One tool of package-lock.json with all that it needs, at the places that the lock file gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from piot.errors import InputError
from piot.model.fetch import NpmFetch
from piot.model.triple import Triple

Table = Mapping[str, object]

MODULES = "node_modules/"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmClosure:
    """``place`` is the folder of the tool itself; ``packages`` are (folder, what stands there), sorted.

    Folders are relative to that of the lock file. ``programs`` are paths below ``place`` by name.
    """

    place: str
    version: str
    programs: Mapping[str, str]
    packages: tuple[tuple[str, NpmFetch], ...]


def closure_of(name: str, lock: str, path: str, importer: str, host: Triple) -> NpmClosure:
    """What ``importer`` (a folder below that of the lock file ``path``, empty for it) gets as ``name``.

    Optional packages count where they fit ``host`` and the lock file has them (npm docs, *package-lock.json*;
    Node.js, *Loading from node_modules folders*). Raises InputError for a lock file that lacks something.
    """
    rows = _rows(lock, path)
    start = _resolved(name, importer, rows)
    if start is None:
        raise InputError(
            f"{path} has no {name}", hint=f"run `npm install --save-dev {name}` and commit the file"
        )
    found: dict[str, NpmFetch] = {}
    ahead = [start]
    while ahead:
        place = ahead.pop()
        if place not in found:
            found[place] = _fetch(place, rows[place], path)
            ahead += _needed(place, rows, path, host)
    own = rows[start]
    programs = {name: str(file) for name, file in _table(own.get("bin")).items()}
    version = str(own.get("version"))
    return NpmClosure(place=start, version=version, programs=programs, packages=tuple(sorted(found.items())))


def _rows(lock: str, path: str) -> Mapping[str, Table]:
    try:
        document: object = json.loads(lock)
    except ValueError as error:
        raise InputError(f"{path}: not JSON: {error}", hint="run `npm install` and commit it") from None
    rows = _table(_table(document).get("packages"))
    if not rows:
        hint = "run `npm install` with npm 7 or later and commit the file"
        raise InputError(f"{path} does not say where packages stand (lockfileVersion 2 or 3)", hint=hint)
    return {place: _table(row) for place, row in rows.items()}


def _resolved(name: str, folder: str, rows: Mapping[str, Table]) -> str | None:
    """Where Node.js finds ``name`` from ``folder``: in the nearest ``node_modules`` upwards."""
    while True:
        place = f"{folder}/{MODULES}{name}" if folder else f"{MODULES}{name}"
        if place in rows:
            return place
        if not folder:
            return None
        folder = folder.rpartition("/")[0]


def _needed(place: str, rows: Mapping[str, Table], path: str, host: Triple) -> Iterator[str]:
    row = rows[place]
    meta = _table(row.get("peerDependenciesMeta"))
    lenient = {peer for peer, said in meta.items() if _table(said).get("optional") is True}
    lenient |= set(_table(row.get("optionalDependencies")))
    for table in ("dependencies", "optionalDependencies", "peerDependencies"):
        for name in _table(row.get(table)):
            found = _resolved(name, place, rows)
            if found is None and name not in lenient:
                hint = "run `npm install` and commit the file"
                raise InputError(f"{path}: {place} needs {name}, which is not there", hint=hint)
            if found is not None and (name not in lenient or _fits(rows[found], host)):
                yield found


def _fetch(place: str, row: Table, path: str) -> NpmFetch:
    name = str(row.get("name") or place.rpartition(MODULES)[2])
    integrity = NpmFetch.strongest(str(row.get("integrity") or ""))
    if integrity is None:
        hint = "remove node_modules and the file, then run `npm install`"
        raise InputError(f"{path}: {place} has no sha512 in its integrity", hint=hint)
    directory = path.rpartition("/")[0] or "."
    return NpmFetch(name=name, version=str(row.get("version")), integrity=integrity, directory=directory)


def _fits(row: Table, host: Triple) -> bool:
    """By ``os``, ``cpu`` and ``libc`` of the entry (npm docs, *os*); a name after ``!`` is excluded."""
    return all(
        _allows(row.get(key), values)
        for key, values in (("os", host.npm_os), ("cpu", host.npm_cpu), ("libc", host.npm_libc))
    )


def _allows(listed: object, values: tuple[str, ...]) -> bool:
    asked = [str(each) for each in cast("list[object]", listed)] if isinstance(listed, list) else []
    wanted = [each for each in asked if not each.startswith("!")]
    refused = any(f"!{value}" in asked for value in values)
    return not refused and (not wanted or not values or any(value in wanted for value in values))


def _table(value: object) -> Table:
    return cast("Table", value) if isinstance(value, dict) else {}
