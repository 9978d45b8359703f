"""The library, the binaries and the build script of a crate, found as Cargo finds them.

https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from piot.load.config_reader import Section
from piot.model.cargo.facts import CargoTarget


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a repository, sorted, for questions about folders."""

    paths: tuple[str, ...]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Files:
        return cls(tuple(sorted(paths)))

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        at = bisect_left(self.paths, path)
        return at < len(self.paths) and self.paths[at] == path

    def below(self, directory: str) -> Iterator[str]:
        """The files in a folder and its folders, relative to it."""
        prefix = "" if directory == "." else f"{directory}/"
        at = bisect_left(self.paths, prefix)
        while at < len(self.paths) and self.paths[at].startswith(prefix):
            yield self.paths[at][len(prefix) :]
            at += 1


@dataclass(frozen=True, slots=True)
class TargetFinder:
    """Looks for the targets of one crate; ``top`` is its manifest."""

    top: Section
    package: Section
    name: str
    edition: str
    directory: str
    files: Files

    def library(self) -> tuple[CargoTarget | None, bool]:
        """The library, and whether it is a proc macro."""
        table = self.top.table("lib", "[lib]")
        path = self._path("src/lib.rs")
        if table is None:
            found = path in self.files and self.package.values.get("autolib") is not False
            library = CargoTarget(name=self.name.replace("-", "_"), path=path, crate_types=("lib",))
            return (library if found else None), False
        macro = any(table.values.get(key) is True for key in ("proc-macro", "proc_macro"))
        types = table.texts("crate-type") or table.texts("crate_type") or ("lib",)
        library = CargoTarget(
            name=table.text("name", self.name.replace("-", "_")),
            path=self._path(table.text("path", "src/lib.rs")),
            crate_types=("proc-macro",) if macro else types,
        )
        return library, macro or "proc-macro" in types

    def binaries(self) -> tuple[CargoTarget, ...]:
        """The binaries by name; those of ``[[bin]]`` hide found ones of the same name or file."""
        tables = self.top.tables("bin")
        found = dict(self._found())
        written = {
            name: self._bin_path(table, name, found) for table in tables if (name := table.text("name"))
        }
        for table in tables:
            table.require("name", 'name = "NAME"')
        auto = self.package.values.get("autobins")
        if auto is True or (auto is None and (self.edition != "2015" or not tables)):
            paths = set(written.values())
            written.update(
                {name: path for name, path in found.items() if name not in written and path not in paths}
            )
        return tuple(
            CargoTarget(name=name, path=path, crate_types=("bin",)) for name, path in sorted(written.items())
        )

    def build_script(self) -> str | None:
        """The build script's path, or None."""
        build = self.package.values.get("build")
        if isinstance(build, str):
            return self._path(build)
        path = self._path("build.rs")
        return path if build is True or (build is None and path in self.files) else None

    def _found(self) -> Iterator[tuple[str, str]]:
        if (main := self._path("src/main.rs")) in self.files:
            yield self.name, main
        folder = self._path("src/bin")
        for path in self.files.below(folder):
            name, _, rest = path.partition("/")
            if rest == "main.rs":
                yield name, f"{folder}/{path}"
            elif not rest and name.endswith(".rs"):
                yield name.removesuffix(".rs"), f"{folder}/{path}"

    def _bin_path(self, table: Section, name: str, found: dict[str, str]) -> str:
        if path := table.optional("path"):
            return self._path(path)
        return found.get(name) or self._path(f"src/bin/{name}.rs")

    def _path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.directory, path.replace("\\", "/")))
