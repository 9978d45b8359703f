"""pnpm-lock.yaml, of lockfileVersion 6 (pnpm 8) and 9 (pnpm 9 and later).

https://github.com/pnpm/spec/tree/master/lockfile
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from piot.errors import Problem, Problems
from piot.model.npm.graph import LockedPackage, Needs, NpmGraph
from piot.model.npm.package_lock import below, inside
from piot.model.npm.pins import Pins, differences, wrong
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.tables import as_table, table_at
from piot.model.yaml_text import listed, parse_yaml, texts

_VERSIONS = re.compile(r"[69]\.\d+")
_TABLES = ("dependencies", "optionalDependencies", "devDependencies")


def parse_pnpm_lock(text: str, path: str, project: NpmProject) -> NpmGraph:
    """Reads a lock file, and compares it with the manifests of ``project``.

    Raises Problems with everything that cannot be installed from it, and all that is out of date.
    """
    document = parse_yaml(text, path)
    version = document.get("lockfileVersion")
    if not isinstance(version, str) or not _VERSIONS.fullmatch(version):
        message = f"lockfileVersion is {version or 'missing'}, and 6.0 or 9.0 is needed"
        raise Problems([wrong(path, message, "run `pnpm install` with pnpm 8 or later and commit it")])
    reader = _Reader(document, Pins(path=path, tool="pnpm"), project.absent, _patches(document, project))
    packages = {key: each for key, row in reader.snapshots() if (each := reader.package(key, row))}
    rows = as_table(document.get("importers")) or {".": document}
    importers = {_folder(name): reader.importer(_folder(name), as_table(row)) for name, row in rows.items()}
    known = {_folder(name): as_table(row) for name, row in rows.items()}
    if found := [*reader.pins.problems, *_outdated(path, project, document, known)]:
        raise Problems(found)
    return NpmGraph(path=path, importers=importers, packages=packages, flat=_is_flat(project))


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Mapping[str, object]
    pins: Pins
    absent: frozenset[str]
    patches: Mapping[str, str]

    def snapshots(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """What stands in which context of peers; version 6 has no table of its own for it."""
        found = as_table(self.document.get("snapshots", self.document.get("packages")))
        for key, row in found.items():
            yield key.removeprefix("/"), as_table(row)

    def package(self, key: str, row: Mapping[str, object]) -> LockedPackage | None:
        """One package with what it gets; None for folders of the workspace and what cannot be fetched."""
        base = key.partition("(")[0]
        packages = as_table(self.document.get("packages"))
        about = row if f"/{key}" in packages else as_table(packages.get(base))
        resolution = as_table(about.get("resolution"))
        if resolution.get("type") == "directory":
            return None
        name, _, version = base.rpartition("@")
        source = str(resolution.get("type") or "")
        address = str(resolution.get("tarball") or (f"{source}: {version}" if source else ""))
        fetch = self.pins.pin(key, name, version, str(resolution.get("integrity") or ""), address)
        limits = {each: [*listed(about.get(each))] for each in ("os", "cpu", "libc") if each in about}
        if fetch is None:
            return None
        patched = re.search(r"\(patch_hash=([^)]*)\)", key)
        patch = self.patches.get(patched[1], "") if patched else ""
        return LockedPackage(fetch=fetch, needs=self._needs(".", row), limits=limits, patch=patch)

    def importer(self, folder: str, row: Mapping[str, object]) -> Needs:
        """What a package of the workspace gets."""
        rows = {
            each: {
                name: as_table(said).get("version", said) for name, said in as_table(row.get(each)).items()
            }
            for each in _TABLES
        }
        return self._needs(folder, {each: _without(names, self.absent) for each, names in rows.items()})

    def _needs(self, folder: str, row: Mapping[str, object]) -> Needs:
        packages, links = dict[str, str](), dict[str, str]()
        for each in _TABLES:
            for name, said in texts(row.get(each)).items():
                target = self._linked(folder, name, said)
                if target is None:
                    packages[name] = _key(name, said)
                else:
                    links[name] = target
        optional = frozenset(texts(row.get("optionalDependencies")))
        return Needs(packages=packages, optional=optional & packages.keys(), links=links)

    def _linked(self, folder: str, name: str, said: str) -> str | None:
        """The folder of the workspace that a reference means."""
        if said.startswith("link:"):
            target = posixpath.normpath(posixpath.join(folder, said.removeprefix("link:")))
        else:
            key = _key(name, said).partition("(")[0]
            resolution = table_at(self.document, "packages", key, "resolution")
            if resolution.get("type") != "directory":
                return None
            target = posixpath.normpath(str(resolution.get("directory")))
        if target.startswith(".."):
            hint = "move it into the workspace, or depend on a released version"
            self.pins.note(f"{name} is a link to {target}, outside of the workspace", hint)
        return _folder(target)


def _key(name: str, said: str) -> str:
    """The key of the package that ``said`` means: a version with its peers, or a key already."""
    said = said.removeprefix("/")
    bare = said.partition("(")[0]
    return said if "@" in bare else f"{name}@{said}"


def _without(names: Mapping[str, object], absent: frozenset[str]) -> dict[str, object]:
    return {name: said for name, said in names.items() if name not in absent}


def _folder(name: str) -> str:
    return "" if name == "." else name


def _outdated(
    path: str, project: NpmProject, document: Mapping[str, object], known: Mapping[str, Mapping[str, object]]
) -> Iterator[Problem]:
    """Where manifests, overrides and catalogs ask for something else than what was locked."""
    hint = f"run `pnpm install`{inside(project.root)} and commit {path}"
    overrides = texts(document.get("overrides"))
    if not any(_same(asked, overrides) for asked in _overrides(project)):
        yield wrong(path, "it is out of date: the overrides are not those that were locked", hint)
    if _asked_patches(project).keys() != as_table(document.get("patchedDependencies")).keys():
        yield wrong(path, "it is out of date: the patches are not those that were locked", hint)
    for place, wanted in _catalogs(document).items():
        now = project.catalogs.get(place[0], {}).get(place[1])
        if now != wanted:
            message = f"it is out of date: the catalog has {place[1]} {now or 'not'}, locked is {wanted}"
            yield wrong(path, message, hint)
    ignored = listed(document.get("ignoredOptionalDependencies"))
    peers = as_table(document.get("settings")).get("autoInstallPeers") == "true"
    for directory, manifest in sorted(project.members.items()):
        row = known.get(below(project.root, directory))
        if row is None:
            yield wrong(path, f"it does not know the workspace {directory}", hint)
            continue
        asked, locked = _requirements(manifest, row, {*overrides.values()}, peers=peers)
        for name in project.absent:
            locked.pop(name, None)
        for name in [*asked.keys() - locked.keys() & manifest.needs("optionalDependencies").keys()]:
            if any(fnmatchcase(name, pattern) for pattern in ignored):
                del asked[name]
        yield from differences(path, manifest, asked, locked, hint)


def _requirements(
    manifest: NpmManifest, row: Mapping[str, object], overrides: Collection[str], *, peers: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """What is asked for and what was locked, by name; of overridden and linked ones the former counts."""
    rows = {name: said for each in _TABLES for name, said in as_table(row.get(each)).items()}
    specifiers = texts(row.get("specifiers"))
    asked = manifest.needs("optionalDependencies", *_TABLES, *(["peerDependencies"] if peers else []))
    known: dict[str, str] = {}
    for name, said in rows.items():
        wanted = str(as_table(said).get("specifier", specifiers.get(name)))
        linked = str(as_table(said).get("version")).startswith(("link:", "file:"))
        known[name] = asked.get(name, wanted) if linked or wanted in overrides else wanted
    return asked, known


def _overrides(project: NpmProject) -> Iterator[dict[str, str]]:
    """What may have been in force: pnpm 11 reads nothing but its own file any more."""
    own = texts(project.workspace.get("overrides"))
    yield own
    yield (
        texts(project.top.get("resolutions"))
        | texts(as_table(project.top.get("pnpm")).get("overrides"))
        | own
    )


def _same(asked: Mapping[str, str], locked: Mapping[str, str]) -> bool:
    """Whether these overrides were locked; references to others were looked up where they stand."""
    return asked.keys() == locked.keys() and all(
        said == locked[name] or said.startswith(("$", "catalog:")) for name, said in asked.items()
    )


def _catalogs(document: Mapping[str, object]) -> dict[tuple[str, str], str]:
    return {
        (catalog, name): str(as_table(said).get("specifier"))
        for catalog, entries in as_table(document.get("catalogs")).items()
        for name, said in as_table(entries).items()
    }


def _asked_patches(project: NpmProject) -> dict[str, str]:
    """Paths below the root by what they are for: a name, with a version or without."""
    own = texts(project.workspace.get("patchedDependencies"))
    return texts(as_table(project.top.get("pnpm")).get("patchedDependencies")) | own


def _patches(document: Mapping[str, object], project: NpmProject) -> dict[str, str]:
    """Paths of patches by their hash, which is all that a package in the lock file tells of its patch."""
    asked, found = _asked_patches(project), dict[str, str]()
    for name, said in as_table(document.get("patchedDependencies")).items():
        row = as_table(said)
        hashed, path = str(row.get("hash", said)), str(row.get("path", asked.get(name, "")))
        if path:
            found[hashed] = project.place(path)
    return found


def _is_flat(project: NpmProject) -> bool:
    """Whether the workspace asks for one ``node_modules`` in which everybody sees everything."""
    said = {**_npmrc(project.settings), **project.workspace}
    linker = said.get("nodeLinker", said.get("node-linker"))
    return linker == "hoisted" or "true" in (said.get("shamefullyHoist"), said.get("shamefully-hoist"))


def alone(project: NpmProject) -> bool:
    """Whether every package of the workspace has a lock file of its own (pnpm.io, *Settings*)."""
    said = {**_npmrc(project.settings), **project.workspace}
    return "false" in (said.get("sharedWorkspaceLockfile"), said.get("shared-workspace-lockfile"))


def _npmrc(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
