"""``piot query --output matrix``: the CI jobs that build what a query chooses."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing

from piot.app.releasing.matrix import matrix
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.ci.grouping import handed_out
from piot.ci.outputs import matrix_object
from piot.load.package_graph import PackageGraph
from piot.model.events import Emit
from piot.model.package import CratesSettings, NpmSettings, Package


def query_matrix(labels: Collection[str], where: Where, emit: Emit) -> str:
    """One object on one line, as ``strategy.matrix`` takes it; versions are those that manifests say.

    Targets that are no artifact of a package have no row.
    """
    with closing(Session(where, emit)) as session:
        versions = {each.name: current_version(session, each) for each in session.config.packages}
        rows = [row for row in matrix(session, versions) if row.label in labels]
    return matrix_object(handed_out(rows, grouped=False)[0])


def current_version(session: Session, package: Package) -> str:
    """The version that a package's manifest says; its first version where that says none."""
    found = session.repository
    project = found.pyprojects.get(package.path)
    match package.settings:
        case NpmSettings():
            manifest = found.npm.manifest(package.path)
            said = None if manifest is None else manifest.values.get("version")
            return said if isinstance(said, str) else package.first_version
        case CratesSettings():
            directory = package.path
        case _:
            if project is None or project.version:
                return (project.version if project else None) or package.first_version
            directory = project.crate_directory
    crate = PackageGraph((), found.workspaces).crate_in(directory)
    return crate.version if crate else package.first_version
