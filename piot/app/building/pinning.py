"""What ``piot.lock`` does not pin of what builds require."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from piot.app.session.session import Session
from piot.errors import Problem, listed
from piot.load.config_reader import Fault, problems
from piot.load.packages import OVER_BACKENDS
from piot.model.pins import Pins
from piot.model.python.pyproject import Pyproject
from piot.model.target import Target


def unpinned(session: Session, targets: Iterable[Target]) -> list[Problem]:
    """Every project among ``targets`` without pins, or with those of the past."""
    projects = {target.directory: target for target in targets if target.rule in OVER_BACKENDS}
    wrong: list[Problem] = []
    for directory, target in projects.items():
        project = session.repository.pyprojects.get(directory)
        if project is not None:
            name = target.package or str(target.label)
            wrong += not_pinned(project, name, session.pins, session.text)
    return wrong


def not_pinned(
    project: Pyproject, package: str, pins: Pins, text: Callable[[str], str | None]
) -> tuple[Problem, ...]:
    """That ``piot.lock`` lacks what a package is built with, at its pyproject.toml; or nothing."""
    message = _lack(pins, project)
    if message is None:
        return ()
    path = "pyproject.toml" if project.directory == "." else f"{project.directory}/pyproject.toml"
    where = ("build-system", "requires") if project.build_backend else ()
    hint = f"run `piot lock {package}` and commit piot.lock"
    fault = Fault(where=where, code="PIOT_NOT_PINNED", message=message, hint=hint)
    return problems([fault], text(path) or "", path).problems


def _lack(pins: Pins, project: Pyproject) -> str | None:
    build = pins.build(project.directory)
    wanted = listed(sorted(project.build_requires))
    if build is None:
        return f"piot.lock does not pin the build requirements: {wanted}"
    if not build.fits(project.build_requires):
        return (
            f"the build requires {wanted}, but piot.lock was made for {listed(build.requires) or 'nothing'}"
        )
    return None
