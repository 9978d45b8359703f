"""Planned versions laid over the manifests of a checkout, before anything is analysed."""

from __future__ import annotations

from collections.abc import Mapping

from piot.errors import InputError, UsageError, near, of_command_line
from piot.load.repository import Reader, Repository, read_repository
from piot.model.npm.project import NpmProject
from piot.model.package import Package
from piot.model.python.pyproject import python_version
from piot.model.stamp import stamp


def stamped(found: Repository, reader: Reader, versions: Mapping[str, str]) -> Repository:
    """``found`` as if the manifests said ``versions`` (package name to version, in Cargo's spelling).

    Nothing in the checkout changes. Raises UsageError for an unknown package, and for a version that cannot
    be or that two packages which share a manifest disagree about.
    """
    names = [package.name for package in found.config.packages]
    for name in versions:
        if name not in names:
            raise UsageError(f'no package is called "{name}"', hint=near(name, names))
    npm = [project for package in found.config.packages if (project := _npm(found, package)) is not None]
    with of_command_line():
        overlay = stamp(
            reader.texts, versions, packages=found.config.packages, workspaces=found.workspaces, npm=npm
        )
        overlay |= _version_files(found, reader, versions)
    reader.overlay.update(overlay)
    return read_repository(reader, found.config, found.settings, found.tree)


def _version_files(found: Repository, reader: Reader, versions: Mapping[str, str]) -> dict[str, str]:
    """Files that hold the version of a Python project, with the planned one."""
    written: dict[str, str] = {}
    for package in found.config.packages:
        project = found.pyprojects.get(package.path)
        place = project.version_file if project and package.name in versions else None
        text = None if place is None else reader.text(place.path)
        if place is not None and text is not None:
            written[place.path] = place.written(text, python_version(versions[package.name])) or text
    return written


def _npm(found: Repository, package: Package) -> NpmProject | None:
    """The project of an npm package; reading it also reads the texts that may change."""
    try:
        return found.npm(package.path) if package.kind == "npm" else None
    except InputError:
        return None  # without a package.json: what needs one says so
