"""Refuses a build whose requirements ``piot.lock`` does not pin, before anything else is done for it."""

from __future__ import annotations

from collections.abc import Iterable

from piot.app.session import Session
from piot.errors import Problem, Problems, listed
from piot.load.config_reader import Fault, problems
from piot.load.packages import OVER_BACKENDS
from piot.model.pyproject import Pyproject
from piot.model.target import Target


def refuse_unpinned(session: Session, targets: Iterable[Target]) -> None:
    """Raises Problems that name every project among ``targets`` without pins, or with those of the past."""
    projects = {
        str(target.get("directory") or target.label.package or "."): target
        for target in targets
        if target.rule in OVER_BACKENDS
    }
    wrong: list[Problem] = []
    for directory, target in projects.items():
        project = session.repository.pyprojects.get(directory)
        if project is not None and (message := _lack(session, project)):
            path = "pyproject.toml" if directory == "." else f"{directory}/pyproject.toml"
            where = ("build-system", "requires") if project.build_backend else ()
            hint = f"run `piot lock {target.package}` and commit piot.lock"
            fault = Fault(where=where, code="PIOT_NOT_PINNED", message=message, hint=hint)
            wrong += problems([fault], session.text(path) or "", path).problems
    if wrong:
        raise Problems(wrong)


def _lack(session: Session, project: Pyproject) -> str | None:
    build = session.pins.build(project.directory)
    wanted = listed(sorted(project.build_requires))
    if build is None:
        return f"piot.lock does not pin the build requirements: {wanted}"
    if not build.fits(project.build_requires):
        return (
            f"the build requires {wanted}, but piot.lock was made for {listed(build.requires) or 'nothing'}"
        )
    return None
