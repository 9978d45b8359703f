"""Versions that no manifest holds: what hatch-vcs and setuptools-scm are told instead of asking git."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from piot.app.session.session import Session
from piot.effects import git
from piot.errors import InputError
from piot.model.package import Package, PypiSettings
from piot.model.python.pyproject import Pyproject, python_version
from piot.model.release.next_version import unreleased


def versioned(session: Session) -> Mapping[str, Pyproject]:
    """The Python projects by folder, those whose version is a tag with the planned one or that of no release.

    Raises InputError when a version is planned for a project whose own cannot be replaced.
    """
    found = dict(session.repository.pyprojects)

    @cache
    def tags() -> tuple[str, ...]:
        return git.reachable_tags(session.root, session.where.environ)

    for package in session.config.packages:
        project = found.get(package.path)
        plain = isinstance(package.settings, PypiSettings) and package.settings.build != "maturin"
        if project is None or not plain or "version" not in project.dynamic:
            continue
        planned = session.versions.get(package.name)
        version = None if planned is None else python_version(planned)
        if project.scm:
            found[package.path] = replace(project, version=version or unreleased(package, tags()))
        elif version is not None and project.version != version:
            raise _fixed(package, version)
    return found


def _fixed(package: Package, version: str) -> InputError:
    return InputError(
        f"{package.name} has a dynamic version, and piot finds no place to write {version} to",
        hint='write version = "0.0.0" into [project], or take it from tags with hatch-vcs or setuptools-scm',
    )
