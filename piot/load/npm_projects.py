"""The packages of npm in a repository with their workspaces, read when somebody asks for one."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import cast

from piot.errors import InputError, Problem, near
from piot.model.globs import Globs
from piot.model.npm.project import (
    NpmManifest,
    NpmProject,
    manifest_path,
    parse_manifest,
    release_problems,
    without_secrets,
)
from piot.model.npm.yarn_entries import is_berry
from piot.model.pins import LOCK, Pins
from piot.model.pins_text import parse_lock
from piot.model.yaml_text import parse_yaml

LOCKS = {
    "npm-shrinkwrap.json": "npm",
    "package-lock.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
}
"""Lock files with the tools that write them: npm prefers a shrinkwrap."""


class NpmProjects:
    """``read`` gives the text of a file or None, ``files`` are all files of the repository."""

    def __init__(self, read: Callable[[str], str | None], files: Sequence[str]) -> None:
        self._read = read
        self._manifest_paths = [path for path in files if path.endswith("/package.json")]
        self._workspaces: dict[str, list[str]] = {}
        self._projects: dict[str, NpmProject] = {}
        self._manifests: dict[str, tuple[NpmManifest, tuple[Problem, ...]] | None] = {}

    def __call__(self, directory: str) -> NpmProject:
        """The project of the package in ``directory``; raises InputError when there is no package.json."""
        if directory not in self._projects:
            self._projects[directory] = self._project(directory)
        return self._projects[directory]

    def manifest(self, directory: str) -> NpmManifest | None:
        """One package.json, as far as it can be read."""
        found = self._parsed(directory)
        return None if found is None else found[0]

    def _project(self, directory: str) -> NpmProject:
        found = self._parsed(directory)
        if found is None:
            known = [posixpath.dirname(path) for path in self._manifest_paths]
            raise InputError(f"no package.json in {directory}", hint=near(directory, known))
        root, folders = self._workspace(directory)
        members = {each: parsed for each in folders if (parsed := self._parsed(each)) is not None}
        lock, rivals = self._lock(root)
        text = None if lock is None else self._read(lock)
        berry = lock is not None and lock.endswith("yarn.lock") and is_berry(text or "")
        wrong = [*found[1]] or [*release_problems(found[0])]
        for each, (_, problems) in members.items():
            wrong += problems if each != directory else ()
        return NpmProject(
            directory=directory,
            root=root,
            members={each: manifest for each, (manifest, _) in members.items()},
            lock=lock,
            lock_text=text,
            rivals=rivals,
            settings=without_secrets(self._read(_join(root, ".npmrc")) or ""),
            workspace=self._yarns_settings(root) if berry else self._pnpm(root),
            hashes=self._pins.hashes(lock) if lock and berry else {},
            problems=tuple(wrong),
        )

    def _workspace(self, directory: str) -> tuple[str, list[str]]:
        """The root that ``directory`` is a workspace of, and the folders of all of them, the root first."""
        for folder in _upwards(directory):
            members = self._members(folder)
            if members and directory in (folder, *members):
                return folder, [folder, *(each for each in members if each != folder)]
        return directory, [directory]

    def _members(self, folder: str) -> list[str]:
        """The folders that pnpm or the package.json of ``folder`` calls workspaces, sorted."""
        if folder not in self._workspaces:
            self._workspaces[folder] = self._found(folder)
        return self._workspaces[folder]

    def _found(self, folder: str) -> list[str]:
        parsed = self._parsed(folder)
        npms = None if parsed is None else parsed[0].values.get("workspaces")
        patterns = [*_patterns(self._pnpm(folder))] or [*_patterns(npms)]
        if not patterns:
            return []
        prefix = "" if folder == "." else f"{folder}/"
        globs = Globs.parse(patterns)
        found = (path for path in self._manifest_paths if path.startswith(prefix))
        return sorted(posixpath.dirname(path) for path in found if globs.matches(path.removeprefix(prefix)))

    def _lock(self, root: str) -> tuple[str | None, tuple[str, ...]]:
        """The lock file that counts, or those of which none does (Corepack, ``packageManager``)."""
        found = {name: path for name in LOCKS if self._read(path := _join(root, name)) is not None}
        manifest = self.manifest(root)
        manager = manifest.manager if manifest else ""
        chosen = [path for name, path in found.items() if LOCKS[name] == manager] or [*found.values()]
        several = len({LOCKS[path.rpartition("/")[2]] for path in chosen}) > 1
        return (None, tuple(chosen)) if several else (next(iter(chosen), None), ())

    @cached_property
    def _pins(self) -> Pins:
        """What ``piot.lock`` has; raises Problems where it cannot be read."""
        text = self._read(LOCK)
        return Pins() if text is None else parse_lock(text, LOCK)

    def _yarns_settings(self, folder: str) -> Mapping[str, object]:
        """What a workspace of Yarn says of requirements (yarnpkg.com, *Catalogs*, *packageExtensions*)."""
        path = _join(folder, ".yarnrc.yml")
        found = parse_yaml(self._read(path) or "", path)
        return {key: found[key] for key in ("catalog", "catalogs", "packageExtensions") if key in found}

    def _pnpm(self, folder: str) -> Mapping[str, object]:
        """What stands in the pnpm-workspace.yaml of a folder."""
        path = _join(folder, "pnpm-workspace.yaml")
        text = self._read(path)
        return {} if text is None else parse_yaml(text, path)

    def _parsed(self, directory: str) -> tuple[NpmManifest, tuple[Problem, ...]] | None:
        if directory not in self._manifests:
            text = self._read(manifest_path(directory))
            self._manifests[directory] = None if text is None else parse_manifest(text, directory)
        return self._manifests[directory]


def _upwards(directory: str) -> Iterator[str]:
    """The folder, those above it, and the root of the repository."""
    while directory not in ("", "."):
        yield directory
        directory = posixpath.dirname(directory)
    yield "."


def _patterns(workspaces: object) -> Iterator[str]:
    """``workspaces`` is a list, or a table with ``packages``; a pattern stands for folders."""
    if isinstance(workspaces, dict):
        workspaces = cast("dict[str, object]", workspaces).get("packages")
    for pattern in cast("list[object]", workspaces) if isinstance(workspaces, list) else ():
        if isinstance(pattern, str) and pattern:
            yield f"{pattern.removeprefix('./').rstrip('/')}/package.json"


def _join(folder: str, name: str) -> str:
    return name if folder == "." else f"{folder}/{name}"
