"""A checkout as checks see it: packages, manifests, files. What could not be read is left out."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from piot.inspect.documents import Documents
from piot.model.cargo.facts import Crate, Workspace
from piot.model.finding import Finding, Severity
from piot.model.globs import Globs
from piot.model.npm.napi import options
from piot.model.npm.project import NpmProject
from piot.model.package import BundleCli, CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.python.pyproject import Pyproject
from piot.model.settings import Cadence, ReleaseSettings
from piot.model.tables import is_array, is_table
from piot.model.toml_scan import Where

MANIFESTS = {"crates": "Cargo.toml", "pypi": "pyproject.toml", "npm": "package.json"}


@dataclass(frozen=True, kw_only=True)
class View:
    """``config`` is the path of the configuration, ``files`` are all source files, sorted.

    ``workspaces`` are by the folder of every crate in them, ``pyprojects`` and ``npm`` by that of a package.
    ``sizes`` gives the bytes of files. ``tags`` are those of HEAD and before it, ``github`` is the
    repository that a job of GitHub runs for (``owner/name``), empty elsewhere. ``today`` is
    a day as in 2026-11-21, ``untracked`` are those of ``files`` that are not in git.
    """

    config: str
    packages: tuple[Package, ...]
    files: tuple[str, ...] = field(repr=False)
    workspaces: Mapping[str, Workspace]
    pyprojects: Mapping[str, Pyproject]
    npm: Mapping[str, NpmProject]
    documents: Documents
    release: ReleaseSettings
    sizes: Callable[[Sequence[str]], int] = field(repr=False)
    packed: Callable[[Sequence[str]], int] = field(repr=False)
    tags: tuple[str, ...] = ()
    github: str = ""
    cadence: Cadence = "immediate"
    today: str = ""
    untracked: frozenset[str] = frozenset()

    @cached_property
    def names(self) -> dict[str, Package]:
        """The packages by name."""
        return {package.name: package for package in self.packages}

    @cached_property
    def _places(self) -> dict[str, Where]:
        """Where every package stands in the configuration."""
        rows = self.documents.table(self.config).get("package")
        found: dict[str, Where] = {}
        for index, row in enumerate(rows if is_array(rows) else ()):
            if is_table(row):
                found.setdefault(str(row.get("name")), ("package", index))
        return found

    @cached_property
    def _closures(self) -> dict[str, tuple[Package, ...]]:
        return {}

    @cached_property
    def owners(self) -> dict[str, Package]:
        """By folder of a crate the package that releases it: of several the crates package."""
        found: dict[str, Package] = {}
        for package in sorted(self.packages, key=lambda each: each.kind != "crates"):
            folder = self.main_crate(package)
            if folder in self.workspaces:
                found.setdefault(folder, package)
        return found

    def has(self, path: str) -> bool:
        """Whether there is such a source file."""
        at = bisect_left(self.files, path)
        return at < len(self.files) and self.files[at] == path

    def below(self, folder: str) -> Sequence[str]:
        """The files in a folder and its subfolders; ``.`` and "" are the root."""
        if folder in ("", "."):
            return self.files
        return self.files[bisect_left(self.files, f"{folder}/") : bisect_left(self.files, f"{folder}0")]

    def beside(self, folder: str) -> Iterator[str]:
        """The names of the files that stand in a folder itself."""
        prefix = "" if folder in ("", ".") else f"{folder}/"
        for path in self.below(folder):
            if "/" not in path[len(prefix) :]:
                yield path[len(prefix) :]

    def crate(self, directory: str) -> Crate | None:
        """The crate in a folder; None where none could be read."""
        workspace = self.workspaces.get(directory)
        if workspace is None:
            return None
        return workspace.members.get(directory) or workspace.others.get(directory)

    def main_crate(self, package: Package) -> str:
        """The folder of the crate that a package is made of; its own where it is made of none."""
        project, npm = self.pyprojects.get(package.path), self.npm.get(package.path)
        match package.settings:
            case PypiSettings(build="maturin") if project is not None:
                return project.crate_directory
            case NpmSettings(build=builds) if npm and any(each.mode == "napi" for each in builds):
                said = options([*npm.manifest.scripts.values()]).manifest_path
                return posixpath.normpath(posixpath.join(package.path, posixpath.dirname(said)))
            case _:
                return package.path

    def crates_of(self, package: Package) -> tuple[str, ...]:
        """The folders of the crates that cargo is asked to compile or pack for a package."""
        compiled = {
            "crates": True,
            "pypi": isinstance(package.settings, PypiSettings) and package.settings.build == "maturin",
            "npm": isinstance(package.settings, NpmSettings)
            and any(each.mode == "napi" for each in package.settings.build),
        }
        cli = bundle_cli(package)
        folders = [self.main_crate(package)] if compiled[package.kind] else []
        folders += [cli.crate_path] if cli else []
        return tuple(each for each in dict.fromkeys(folders) if each in self.workspaces)

    def closure(self, package: Package) -> tuple[Package, ...]:
        """A package and all that it says it depends on."""
        if package.name not in self._closures:
            found: dict[str, Package] = {}
            todo = [package]
            while todo:
                one = todo.pop()
                if one.name not in found:
                    found[one.name] = one
                    todo += [self.names[name] for name in one.depends_on if name in self.names]
            self._closures[package.name] = tuple(found.values())
        return self._closures[package.name]

    def covers(self, package: Package, path: str) -> bool:
        """Whether the package, or one that it depends on, consists of this file among others."""
        return Globs(package.paths).matches(path) or any(
            Globs(each.paths).matches(path) for each in self.closure(package)
        )

    def place(self, package: Package, *key: str | int) -> Where:
        """Where a key of a package stands in the configuration."""
        return (*self._places.get(package.name, ()), *key)

    def at(
        self,
        code: str,
        severity: Severity,
        message: str,
        path: str,
        where: Where = (),
        *,
        package: Package | None = None,
        fix: str | None = None,
        at_key: bool = False,
    ) -> Finding:
        """A finding at the value of a key of a document, or at the key; at the file as a whole without."""
        line, column = self.documents.position(path, where, at_key=at_key)
        return Finding(
            code=code,
            severity=severity,
            message=message,
            path=path,
            line=line,
            column=column,
            package=None if package is None else package.name,
            fix=fix,
        )

    def at_package(
        self, code: str, severity: Severity, message: str, package: Package, *key: str | int, fix: str | None
    ) -> Finding:
        """A finding at a key of a package in the configuration."""
        message = f'package "{package.name}": {message}'
        where = self.place(package, *key)
        return self.at(code, severity, message, self.config, where, package=package, fix=fix)


def bundle_cli(package: Package) -> BundleCli | None:
    """The program that goes into a wheel or into npm packages."""
    return None if isinstance(package.settings, CratesSettings) else package.settings.bundle_cli


def inside(folder: str, path: str) -> str:
    """A path that a manifest in ``folder`` writes, as one of the repository."""
    return posixpath.normpath(posixpath.join(folder, path.replace("\\", "/")))


def manifest_of(package: Package) -> str:
    """The manifest of a package."""
    return inside(package.path, MANIFESTS[package.kind])
