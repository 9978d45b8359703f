"""Which released packages of npm are built from which others of their workspace."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from piot.errors import InputError
from piot.load.npm_projects import NpmProjects
from piot.model.npm.project import NpmProject
from piot.model.package import Package


class NpmSiblings:
    """The npm packages of a configuration; their manifests are read when somebody asks."""

    def __init__(self, packages: Iterable[Package], projects: NpmProjects | None) -> None:
        self._packages = {package.path: package for package in packages if package.kind == "npm"}
        self._projects = projects
        self._folders: dict[str, dict[str, str]] = {}

    def siblings(self, package: Package) -> tuple[Package, ...]:
        """The packages that it is built from, in the order of the configuration.

        Packages may develop with each other: of a circle, only those that stand earlier are needed.
        """
        order = list(self._packages)
        own = self._reached.get(package.path, frozenset())
        return tuple(
            self._packages[path]
            for path in order
            if path in own
            and (package.path not in self._reached[path] or order.index(path) < order.index(package.path))
        )

    def _named(self, project: NpmProject) -> dict[str, str]:
        """The folders of the packages of a workspace by their names; of two the first."""
        if project.root not in self._folders:
            rows = ((each.name, directory) for directory, each in [*project.members.items()][::-1])
            self._folders[project.root] = dict(rows)
        return self._folders[project.root]

    @cached_property
    def _reached(self) -> dict[str, frozenset[str]]:
        """By package, all others that its workspace leads to, through unreleased ones too."""
        return {path: self._walk(path) for path in self._packages} if self._projects else {}

    def _walk(self, start: str) -> frozenset[str]:
        try:
            project = self._projects(start) if self._projects else None
        except InputError:
            return frozenset()  # without a package.json: the rule says so
        found: set[str] = set()
        ahead = [start]
        while project is not None and ahead:
            folders = self._named(project)
            for name in project.members[ahead.pop()].needs():
                folder = folders.get(name)
                if folder is not None and folder not in found:
                    found.add(folder)
                    ahead.append(folder)
        return frozenset(found & self._packages.keys() - {start})
