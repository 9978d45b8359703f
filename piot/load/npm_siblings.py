"""Which released packages of npm are built from which others of their workspace."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from piot.errors import InputError
from piot.load.npm_projects import NpmProjects
from piot.model.package import Package


class NpmSiblings:
    """The npm packages of a configuration; their manifests are read when somebody asks."""

    def __init__(self, packages: Iterable[Package], projects: NpmProjects | None) -> None:
        self._packages = {package.path: package for package in packages if package.kind == "npm"}
        self._projects = projects

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
            for name in project.members[ahead.pop()].needs():
                member = project.member(name)
                if member is not None and member.directory not in found:
                    found.add(member.directory)
                    ahead.append(member.directory)
        return frozenset(found & self._packages.keys() - {start})
