"""The versions that manifests say: those of packages with ``version_from = "manifest"``, and for adoption."""

from __future__ import annotations

from collections.abc import Iterable

from piot.app.session.session import Session
from piot.errors import InputError
from piot.model.package import Package, PypiSettings
from piot.model.release.spelling import read_spelled
from piot.model.semver import Semver


def committed_versions(session: Session, packages: Iterable[Package]) -> dict[str, Semver]:
    """By name the version that the manifest of a package says, of those that say one."""
    found = {package.name: _version(session, package) for package in packages}
    return {name: version for name, version in found.items() if version is not None}


def _version(session: Session, package: Package) -> Semver | None:
    match package.settings:
        case PypiSettings(build=build):
            project = session.repository.pyprojects.get(package.path)
            if project is not None and project.version is not None and not project.scm:
                return read_spelled("pypi", project.version)
            return _of_crate(session, project.crate_directory) if project and build == "maturin" else None
        case _ if package.kind == "npm":
            try:
                return read_spelled("npm", session.repository.npm(package.path).manifest.version)
            except InputError:
                return None
        case _:
            return _of_crate(session, package.path)


def _of_crate(session: Session, directory: str) -> Semver | None:
    for workspace in session.repository.workspaces:
        if crate := workspace.members.get(directory) or workspace.others.get(directory):
            return read_spelled("crates", crate.version)
    return None
