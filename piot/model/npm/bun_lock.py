"""bun.lock, the text that Bun writes since version 1.2.

https://bun.com/docs/pm/lockfile
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import cast

from piot.errors import Problem, Problems
from piot.model.npm.graph import LockedPackage, Needs, NpmGraph
from piot.model.npm.package_lock import below, inside
from piot.model.npm.pins import Pins, differences, wrong
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.tables import as_table
from piot.model.yaml_text import listed, texts

_TABLES = ("optionalDependencies", "dependencies", "devDependencies", "peerDependencies")
_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_WORKSPACE = "workspace:"


def parse_bun_lock(text: str, path: str, project: NpmProject) -> NpmGraph:
    """Reads a lock file, and compares it with the manifests of ``project``.

    Raises Problems with everything that cannot be installed from it, and all that is out of date.
    """
    try:
        document = as_table(json.loads(_COMMA.sub(lambda match: match[1] or "", text)))
    except ValueError as error:
        raise Problems([wrong(path, f"not JSON: {error}", "run `bun install` and commit it")]) from None
    reader = _Reader(document, Pins(path=path, tool="bun"), project)
    packages = {key: each for key in reader.rows if (each := reader.package(key))}
    importers = {folder: reader.importer(folder) for folder in reader.workspaces}
    found = [*reader.pins.problems, *_outdated(path, project, document)]
    if found:
        raise Problems(found)
    return NpmGraph(path=path, importers=importers, packages=packages)


class _Reader:
    """Finds who gets what: a key names the packages that a package stands inside of, as folders do."""

    def __init__(self, document: Mapping[str, object], pins: Pins, project: NpmProject) -> None:
        packages = as_table(document.get("packages"))
        self.rows = {key: cast("list[object]", row) for key, row in packages.items() if isinstance(row, list)}
        self.workspaces = {
            folder: as_table(row) for folder, row in as_table(document.get("workspaces")).items()
        }
        patched = texts(document.get("patchedDependencies"))
        self.patches = {name: project.place(path) for name, path in patched.items()}
        self.pins = pins
        self._absent = project.absent

    def package(self, key: str) -> LockedPackage | None:
        """One package; None for those of the workspace and those that no registry has."""
        row = self.rows[key]
        name, version = _split(str(row[0]))
        if version.startswith(_WORKSPACE):
            return None
        about = next((found for each in row if (found := as_table(each))), as_table(None))
        address = str(row[1]) if len(row) == 4 else version
        fetch = self.pins.pin(key, name, version, str(row[-1]) if len(row) == 4 else "", address)
        limits = {each: [*listed(about.get(each))] for each in ("os", "cpu", "libc") if each in about}
        if fetch is None:
            return None
        needs, patch = self._needs(key, about, lenient=True), self.patches.get(str(row[0]), "")
        return LockedPackage(fetch=fetch, needs=needs, limits=limits, patch=patch)

    def importer(self, folder: str) -> Needs:
        """What a package of the workspace gets."""
        row = self.workspaces[folder]
        return self._needs(str(row.get("name", "")) if folder else "", row, lenient=False)

    def _needs(self, key: str, about: Mapping[str, object], *, lenient: bool) -> Needs:
        """With ``lenient`` what is not there is left out, as optional packages and peers may be."""
        packages, links, optional = dict[str, str](), dict[str, str](), set[str]()
        for each in _TABLES:
            for name in texts(about.get(each)).keys() - packages.keys() - links.keys() - self._absent:
                found = self._resolved(key, name)
                folder = None if found is None else _split(str(self.rows[found][0]))[1]
                if folder is not None and folder.startswith(_WORKSPACE):
                    links[name] = posixpath.normpath(folder.removeprefix(_WORKSPACE))
                elif found is not None or not (lenient or each in (_TABLES[0], _TABLES[3])):
                    packages[name] = found or name
                    optional |= {name} if each == "optionalDependencies" else set()
        return Needs(packages=packages, optional=frozenset(optional), links=links)

    def _resolved(self, key: str, name: str) -> str | None:
        while True:
            place = f"{key}/{name}" if key else name
            if place in self.rows:
                return place
            if not key:
                return None
            key = "/".join(re.findall(r"@[^/]+/[^/]+|[^/]+", key)[:-1])


def _split(said: str) -> tuple[str, str]:
    """Name and version of ``@scope/name@1.0.0``."""
    at = said.find("@", 1)
    return (said[:at], said[at + 1 :]) if at > 0 else (said, "")


def _outdated(path: str, project: NpmProject, document: Mapping[str, object]) -> Iterator[Problem]:
    """Where manifests ask for something else than what was locked."""
    hint = f"run `bun install`{inside(project.root)} and commit {path}"
    rows = as_table(document.get("workspaces"))
    if texts(document.get("patchedDependencies")) != texts(project.top.get("patchedDependencies")):
        yield wrong(path, "it is out of date: the patches are not those that were locked", hint)
    locked = {"default": texts(document.get("catalog"))}
    locked |= {name: texts(entries) for name, entries in as_table(document.get("catalogs")).items()}
    if {name: each for name, each in locked.items() if each} != project.catalogs:
        yield wrong(path, "it is out of date: the catalogs are not those that were locked", hint)
    for directory, manifest in sorted(project.members.items()):
        place = below(project.root, directory)
        if place not in rows:
            yield wrong(path, f"it does not know the workspace {directory}", hint)
            continue
        asked, known = manifest.needs(), NpmManifest(directory="", values=as_table(rows[place])).needs()
        linked = {name for name in asked.keys() & known.keys() if project.member(name) is not None}
        ours = linked | project.absent
        yield from differences(path, manifest, _without(asked, ours), _without(known, ours), hint)


def _without(needs: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    return {name: wanted for name, wanted in needs.items() if name not in names}
