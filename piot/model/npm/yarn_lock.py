"""yarn.lock: who gets what of its packages, and what pins them.

Yarn 1 writes the registry's integrity of each. Yarn 2 and later write one of an archive that they make of it,
and none for what is for some platforms only: ``piot.lock`` has the registry's for them (decision 42).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from piot.errors import Problem, Problems, listed
from piot.model.npm.graph import LockedPackage, Needs, NpmGraph
from piot.model.npm.package_lock import below, inside
from piot.model.npm.pins import Pins, may_lack, wrong
from piot.model.npm.project import NpmProject
from piot.model.npm.yarn_entries import YarnEntry, plain_range, split_pattern, yarn_entries
from piot.model.tables import as_table
from piot.model.yaml_text import texts

_TABLES = ("optionalDependencies", "dependencies", "devDependencies")


def parse_yarn_lock(text: str, path: str, project: NpmProject) -> NpmGraph:
    """Reads a lock file, and compares it with the manifests of ``project``.

    It does not tell who gets which peer, and that of Yarn 1 not what is for which platform: those are found
    where they stand. Raises Problems with everything that cannot be installed from it, and all that is out
    of date.
    """
    entries = yarn_entries(text, path)
    pins = Pins(path=path, tool="yarn")
    keys = {pattern: entry.patterns[0] for entry in entries for pattern in entry.patterns}
    reader = _Reader(project, keys, pins)
    packages = {entry.patterns[0]: each for entry in entries if (each := reader.package(entry))}
    importers = {below(project.root, directory): reader.importer(directory) for directory in project.members}
    if found := [*pins.problems, *_without_hashes(path, entries, project)]:
        raise Problems(found)
    return NpmGraph(path=path, importers=importers, packages=packages)


def unpinned(entries: Sequence[YarnEntry]) -> list[tuple[str, str]]:
    """Name and version of what a registry has and Yarn does not pin, sorted."""
    return sorted(
        {(each.name, each.version) for each in entries if each.integrity is None and not each.elsewhere}
    )


def _without_hashes(path: str, entries: Sequence[YarnEntry], project: NpmProject) -> Iterator[Problem]:
    known = project.hashes
    lacks = [f"{name} {version}" for name, version in unpinned(entries) if (name, version) not in known]
    if lacks:
        message = f"neither it nor piot.lock has the integrity that a registry tells of {listed(lacks)}"
        yield wrong(path, message, "run `piot lock` and commit piot.lock")


class _Reader:
    """Turns requirements into keys of packages by what Yarn wrote for them."""

    def __init__(self, project: NpmProject, keys: Mapping[str, str], pins: Pins) -> None:
        self._project = project
        self._keys = keys
        self._pins = pins
        self._resolutions = [*_resolutions(texts(project.top.get("resolutions")))]
        self._extensions = _extensions(project.workspace.get("packageExtensions"))

    def package(self, entry: YarnEntry) -> LockedPackage | None:
        """None for what nothing pins, and for what no registry has."""
        called, integrity = entry.patterns[0], entry.integrity
        if integrity is None:
            integrity = self._project.hashes.get((entry.name, entry.version))
        if entry.elsewhere:
            self._pins.note(f"{called} is {entry.elsewhere}", "depend on a version that a registry has")
        if entry.elsewhere or integrity is None:
            return None
        fetch = self._pins.pin(called, entry.name, entry.version, integrity, entry.address)
        rows = {table: entry.tables.get(table, {}) for table in _TABLES}
        rows["dependencies"] = {**self._added(entry.name), **rows["dependencies"]}
        needs = self._needs(split_pattern(called)[0], rows, f"{self._pins.path}: {called}")
        patch = self._project.place(entry.patch) if entry.patch else ""
        return (
            None
            if fetch is None
            else LockedPackage(fetch=fetch, needs=needs, limits=entry.limits, patch=patch)
        )

    def _added(self, name: str) -> dict[str, str]:
        """What the project adds to a package, where Yarn has locked it: it does for versions that are meant.

        Other versions of that name find it too, and do not look.
        """
        return {
            needed: wanted
            for needed, wanted in self._extensions.get(name, {}).items()
            if self._key(name, needed, wanted) is not None
        }

    def importer(self, directory: str) -> Needs:
        """What a package of the workspace gets."""
        manifest = self._project.members[directory]
        rows = {table: manifest.needs(table) for table in _TABLES}
        return self._needs("", rows, manifest.path)

    def _needs(self, parent: str, rows: Mapping[str, Mapping[str, str]], where: str) -> Needs:
        packages, links, optional = dict[str, str](), dict[str, str](), set[str]()
        for kind, needs in rows.items():
            for name, wanted in needs.items():
                if name in packages or name in links:
                    continue
                key = self._key(parent, name, wanted)
                member = self._project.member(name)
                if key is not None:
                    packages[name] = key
                    optional |= {name} if kind == "optionalDependencies" else set()
                elif member is not None:
                    links[name] = below(self._project.root, member.directory)
                elif not (may_lack(name, rows["optionalDependencies"]) or (parent and kind == _TABLES[0])):
                    hint = f"run `yarn install`{inside(self._project.root)} and commit {self._pins.path}"
                    message = f"it is out of date: {where} asks for {name} {wanted}, which is not in it"
                    self._pins.note(message, hint)
        return Needs(packages=packages, optional=frozenset(optional), links=links)

    def _key(self, parent: str, name: str, wanted: str) -> str | None:
        if wanted.startswith("catalog:"):
            catalog = wanted.removeprefix("catalog:") or "default"
            wanted = self._project.catalogs.get(catalog, {}).get(name, wanted)
        for within, replaced, instead_of, other in self._resolutions:
            if replaced == name and within in ("", parent) and instead_of in ("", plain_range(wanted)):
                wanted = other
        pattern = f"{name}@{wanted}"
        return self._keys.get(pattern) or self._keys.get(f"{name}@{plain_range(wanted)}")


def _resolutions(found: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    """Parent (empty: any), name, range (empty: any) and new range; nothing above the parent is looked at."""
    for pattern, wanted in found.items():
        names = re.findall(r"@[^/]+/[^/]+|[^/]+", pattern)
        parent = split_pattern(names[-2])[0] if len(names) > 1 else ""
        name, instead_of = split_pattern(names[-1])
        yield ("" if parent == "**" else parent), name, plain_range(instead_of), wanted


def _extensions(found: object) -> dict[str, dict[str, str]]:
    """Dependencies by the name of the package that they are added to, which its own lock entry does not tell.

    Peers need not be told of: they are found where they stand.
    """
    added: dict[str, dict[str, str]] = {}
    for pattern, value in as_table(found).items():
        rows = added.setdefault(split_pattern(pattern)[0], {})
        for name, wanted in texts(as_table(value).get("dependencies")).items():
            rows.setdefault(name, wanted)
    return added
