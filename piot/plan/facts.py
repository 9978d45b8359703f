"""What analysis may know of the repository: read before, so that analysis itself reads nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from piot.errors import InputError, near
from piot.model.cargo.facts import Crate, Workspace
from piot.model.globs import Globs
from piot.model.npm.project import NpmProject
from piot.model.package import Package
from piot.model.python.pyproject import Pyproject


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """``files`` are all source files, sorted; ``texts`` the manifests, lock files and settings among them,
    planned versions already in them. ``npm`` reads a package of npm when a rule asks for it."""

    files: tuple[str, ...]
    texts: Mapping[str, str] = field(repr=False)
    workspaces: tuple[Workspace, ...]
    pyprojects: Mapping[str, Pyproject]
    npm: Callable[[str], NpmProject]
    packages: tuple[Package, ...]

    def workspace(self, directory: str) -> Workspace:
        """The Cargo workspace of the crate in ``directory``; InputError when there is no such crate."""
        for workspace in self.workspaces:
            if directory in workspace.members or directory in workspace.others:
                return workspace
        known = [member for workspace in self.workspaces for member in workspace.members]
        raise InputError(f"no crate in {directory}", hint=near(directory, known))

    def crate(self, directory: str) -> Crate:
        return self.workspace(directory).crate(directory)

    def pyproject(self, directory: str) -> Pyproject:
        """``pyproject.toml`` of a folder; InputError when it has none."""
        if directory not in self.pyprojects:
            raise InputError(f"no pyproject.toml in {directory}")
        return self.pyprojects[directory]

    def owner(self, directory: str) -> Package | None:
        """The package that the crate in ``directory`` belongs to: a crates package first."""
        here = [package for package in self.packages if package.path == directory]
        return min(here, key=lambda package: package.kind != "crates", default=None)

    def select(self, globs: tuple[str, ...]) -> tuple[str, ...]:
        return Globs.parse(globs).select(self.files)
