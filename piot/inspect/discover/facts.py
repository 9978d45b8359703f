"""What discovery starts from: the files of a checkout, its manifests, and its tags."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from piot.errors import Problems
from piot.model.cargo.facts import Crate, Workspace
from piot.model.npm.project import NpmManifest, parse_manifest
from piot.model.tables import Table, is_table, table_at
from piot.model.toml_text import read_toml

ASIDE = frozenset(
    (
        *("test", "tests", "__tests__", "fixtures", "__fixtures__", "testdata", "test-data", "snapshots"),
        *("example", "examples", "bench", "benches", "benchmarks", "fuzz", "docs", "doc", "website", "site"),
        *("node_modules", "vendor", "third_party", "target", "templates", "template"),
    )
)
"""Folders whose manifests are of examples, tests and other people's code: nothing there is released."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """``files`` are all paths of the checkout, sorted; ``read`` gives the text of one, None when it is none.

    ``tags`` are those that HEAD reaches.
    """

    files: tuple[str, ...]
    read: Callable[[str], str | None] = field(repr=False)
    workspaces: tuple[Workspace, ...] = ()
    tags: tuple[str, ...] = ()

    @cached_property
    def crates(self) -> Mapping[str, Crate]:
        """The crates by folder."""
        return {path: crate for space in self.workspaces for path, crate in space.members.items()}

    @cached_property
    def pyprojects(self) -> Mapping[str, Table]:
        """What stands in every pyproject.toml, by folder; one that is no TOML is passed over."""
        found = {folder_of(path): self._toml(path) for path in self._manifests("pyproject.toml")}
        return {folder: table for folder, table in found.items() if table}

    @cached_property
    def npm(self) -> Mapping[str, NpmManifest]:
        """Every package.json with a name, by folder."""
        found: dict[str, NpmManifest] = {}
        for path in self._manifests("package.json"):
            manifest, _ = parse_manifest(self.read(path) or "{}", folder_of(path))
            if manifest.name:
                found[folder_of(path)] = manifest
        return found

    def package(self, crate: Crate, key: str) -> object:
        """What ``[package]`` of a crate says, or its workspace where it says so; None when neither does."""
        value = table_at(self._toml(crate.manifest), "package").get(key)
        if not is_table(value):
            return value
        root = next(space.manifest for space in self.workspaces if crate.directory in space.members)
        return table_at(self._toml(root), "workspace", "package").get(key)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return path in self._known

    def below(self, folder: str) -> Iterator[str]:
        """The files in a folder and its folders."""
        return (path for path in self.files if folder == "." or path.startswith(f"{folder}/"))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.files)

    def _manifests(self, name: str) -> Iterator[str]:
        ending = f"/{name}"
        return (path for path in self.files if (path == name or path.endswith(ending)) and not aside(path))

    def _toml(self, path: str) -> Table:
        try:
            return read_toml(self.read(path) or "", path)
        except Problems:
            return {}


def folder_of(path: str) -> str:
    """The folder of a file, ``.`` for the root."""
    return posixpath.dirname(path) or "."


def inside(folder: str, path: str) -> str:
    """``path``, as it stands in ``folder``, relative to the root."""
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def aside(path: str) -> bool:
    """Whether a file lies in a folder of `ASIDE`."""
    return not ASIDE.isdisjoint(path.split("/")[:-1])
