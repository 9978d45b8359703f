"""package-lock.json: what is installed where, pinned by hash.

https://docs.npmjs.com/cli/configuring-npm/package-lock-json, lockfileVersion 2 and 3.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from piot.errors import Problem, Problems
from piot.model.fetch import NpmFetch
from piot.model.npm.pins import Pins, differences, wrong
from piot.model.npm.project import TABLES, NpmManifest, NpmProject
from piot.model.triple import Triple

NOWHERE = "https://packages.invalid"
"""The registry that npm is told to use (RFC 2606): everything is in its cache already."""

MODULES = "node_modules/"
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmLock:
    """A lock file as npm reads it.

    ``rows`` are its entries by place, a folder below the root of the workspace; ``fetches`` is what one host
    needs, each once, sorted.
    """

    path: str
    table: Row = field(repr=False)
    rows: Mapping[str, Row] = field(repr=False)
    fetches: tuple[NpmFetch, ...]

    @property
    def links(self) -> dict[str, str]:
        """The folder of a package of the workspace by the place of the link to it."""
        return {place: _target(row) for place, row in self.rows.items() if row.get("link") is True}

    @property
    def folders(self) -> tuple[str, ...]:
        """The ``node_modules`` folders that are not inside of another one, sorted."""
        places = (place for place in self.rows if MODULES in place)
        return tuple(sorted({f"{place.partition(MODULES)[0]}node_modules" for place in places}))

    def linked(self, importer: str, name: str) -> str | None:
        """The package of the workspace, by folder, that ``name`` means in ``importer`` (the root is "")."""
        while True:
            place = posixpath.join(importer, f"{MODULES}{name}")
            if place in self.rows or not importer:
                return self.links.get(place)
            importer = posixpath.dirname(importer)

    def outdated(self, root: str, members: Mapping[str, NpmManifest]) -> Iterator[Problem]:
        """Where manifests ask for something else than what was locked."""
        hint = f"run `npm install`{inside(root)} and commit {self.path}"
        for directory, manifest in sorted(members.items()):
            place = below(root, directory)
            if place not in self.rows:
                yield wrong(self.path, f"it does not know the workspace {directory}", hint)
                continue
            known = NpmManifest(directory="", values=self.rows[place]).needs()
            yield from differences(self.path, manifest, manifest.needs(), known, hint)

    def staged(self) -> str:
        """The lock file for an installation that depends on nothing but third-party packages.

        Addresses mean nothing to anybody, and versions of the workspace's own packages are left out.
        """
        rows = {place: self._staged(place, row) for place, row in self.rows.items()}
        table = {key: value for key, value in self.table.items() if key not in ("version", "dependencies")}
        return json.dumps({**table, "packages": rows}, indent=1, sort_keys=True) + "\n"

    def skeleton(self, importer: str, row: Row) -> Row:
        """A manifest of the workspace, or its entry, with any version of the other packages in it.

        Optional packages of a platform that were never locked are left out (`npm_pins.differences`).
        """
        table = {**row, "version": "0.0.0"}
        asked = NpmManifest(directory="", values=row)
        known = NpmManifest(directory="", values=self.rows.get(importer, row)).needs()
        absent = {name for name in asked.needs() if name not in known} & asked.needs(
            "optionalDependencies"
        ).keys()
        for key in TABLES:
            needs = {name: wanted for name, wanted in asked.needs(key).items() if name not in absent}
            if key in row:
                table[key] = {
                    name: "*" if self.linked(importer, name) is not None else wanted
                    for name, wanted in needs.items()
                }
        return table

    def _staged(self, place: str, row: Row) -> Row:
        if MODULES not in place:
            return self.skeleton(place, row)
        if row.get("link") is True or row.get("inBundle") is True:
            return row
        name = name_of(place, row)
        file = f"{posixpath.basename(name)}-{row.get('version')}.tgz"
        return {**row, "resolved": f"{NOWHERE}/{name}/-/{file}"}


def parse_package_lock(text: str, path: str, host: Triple) -> NpmLock:
    """Reads a lock file for one host; raises Problems with everything that cannot be installed from it."""
    try:
        document: object = json.loads(text)
    except ValueError as error:
        raise Problems([wrong(path, f"not JSON: {error}", "run `npm install` and commit it")]) from None
    table: Row = cast("Row", document) if isinstance(document, dict) else {}
    rows = table.get("packages")
    if not isinstance(rows, dict):
        message = f"lockfileVersion is {table.get('lockfileVersion', 'missing')}, and 2 or 3 is needed"
        raise Problems([wrong(path, message, "run `npm install` with npm 7 or later and commit it")])
    pins = Pins(path=path, tool="npm")
    entries = cast("dict[str, Row]", rows)
    found = {fetch for place, row in entries.items() if (fetch := _fetch(pins, place, row, host)) is not None}
    if pins.problems:
        raise Problems(pins.problems)
    ordered = sorted(found, key=lambda each: (each.name, each.version, each.integrity))
    return NpmLock(path=path, table=table, rows=entries, fetches=tuple(ordered))


def _fetch(pins: Pins, place: str, row: Row, host: Triple) -> NpmFetch | None:
    """The package of an entry; None for those of the workspace, inside others, or not for this host."""
    if row.get("link") is True and _target(row).startswith(".."):
        hint = "move it into the workspace, or depend on a released version"
        pins.note(f"{place} is a link to {_target(row)}, outside of the workspace", hint)
    ours = MODULES not in place or row.get("link") is True or row.get("inBundle") is True
    if ours or (row.get("optional") is True and not fits(row, host)):
        return None
    integrity, address = str(row.get("integrity") or ""), str(row.get("resolved") or "")
    return pins.pin(place, name_of(place, row), str(row.get("version")), integrity, address)


def without(project: NpmProject, names: Collection[str]) -> NpmProject:
    """The project as if its package did not ask for ``names``, in manifest and lock file alike."""
    own = below(project.root, project.directory)
    manifest = replace(project.manifest, values=_less(project.manifest.values, names))
    members = {**project.members, project.directory: manifest}
    project = replace(project, members=members, absent=frozenset(names))
    try:
        document: object = json.loads(project.lock_text or "")
    except ValueError:
        return project  # another tool's, or none: who reads it says so
    table = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    rows = table.get("packages")
    if not isinstance(rows, dict):
        return project
    kept = {
        place: _less(row, names) if place == own else row
        for place, row in cast("dict[str, Row]", rows).items()
        if MODULES not in place or name_of(place, row) not in names
    }
    return replace(project, lock_text=json.dumps({**table, "packages": kept}))


def _less(row: Row, names: Collection[str]) -> Row:
    tables = {
        key: {
            name: wanted
            for name, wanted in NpmManifest(directory="", values=row).needs(key).items()
            if name not in names
        }
        for key in TABLES
        if key in row
    }
    return {**row, **tables}


def name_of(place: str, row: Row) -> str:
    """The registered name: that of the folder, unless it is installed under another."""
    given = row.get("name")
    return given if isinstance(given, str) else place.rpartition(MODULES)[2]


def below(root: str, directory: str) -> str:
    """A folder of the repository as the lock file in ``root`` calls it: the root is empty."""
    found = posixpath.relpath(directory, root)
    return "" if found == "." else found


def inside(root: str) -> str:
    """Where to run npm, as a hint says it."""
    return "" if root == "." else f" in {root}"


def _target(row: Row) -> str:
    return posixpath.normpath(str(row.get("resolved") or "."))


def fits(row: Row, host: Triple) -> bool:
    """By ``os``, ``cpu`` and ``libc``, each a list in which ``!`` takes away (npm docs, *os*)."""
    facts = (("os", host.npm_os), ("cpu", host.npm_cpu), ("libc", host.npm_libc))
    return all(_allows(row.get(key), values) for key, values in facts)


def _allows(listed: object, values: tuple[str, ...]) -> bool:
    asked = [str(each) for each in cast("list[object]", listed)] if isinstance(listed, list) else []
    if not asked or not values or "any" in asked:
        return True
    wanted = [each for each in asked if not each.startswith("!")]
    barred = any(f"!{value}" in asked for value in values)
    return not barred and (not wanted or any(value in wanted for value in values))
