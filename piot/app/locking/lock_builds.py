"""Pins of the environments that PEP 517 back ends run in: resolved by pip, and by asking the back end."""

from __future__ import annotations

from collections.abc import Sequence

from piot.app.building.planning import rule_finder, surroundings
from piot.app.building.request import BuildRequest
from piot.app.building.running import execute
from piot.app.locking.resolving import Resolver
from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.errors import ActionFailed, InputError, MachineError
from piot.model.label import Label
from piot.model.package import Package
from piot.model.pins import Pins
from piot.model.plan import BuildPlan, Configured
from piot.model.python.pyproject import Pyproject
from piot.model.rule import Plain, Sources, StringMap
from piot.model.target import Target, TargetGraph
from piot.plan.analyze import Analysis
from piot.plan.toolchains import Machine, Toolchains
from piot.run.requirements import read_asked

RULE = "python_requirements"


class BuildLock:
    """Makes the pins of builds, one project after the other."""

    def __init__(self, session: Session, resolver: Resolver) -> None:
        self._session = session
        self._resolver = resolver

    def pinned(self, package: Package) -> Pins:
        """The environment of one package's project, and nothing else."""
        project = self._project(package)
        pins = self._pins(project, project.build_requires)
        asked = self._asked(package, pins)
        if set(asked) - set(project.build_requires):
            pins = self._pins(project, (*project.build_requires, *asked))
        return pins

    def _project(self, package: Package) -> Pyproject:
        found = self._session.repository.pyprojects.get(package.path)
        if found is None:
            raise InputError(f"{package.name}: no pyproject.toml in {package.path}")
        return found

    def _pins(self, project: Pyproject, asked: Sequence[str]) -> Pins:
        resolved = self._resolver.resolved(project, asked)
        return Pins(
            requirements=resolved.pins,
            builds=(resolved.environment(project.directory, project.build_requires),),
        )

    def _asked(self, package: Package, pins: Pins) -> tuple[str, ...]:
        """What the back end asks for besides when it runs in an environment of ``pins`` (PEP 517)."""
        where, emit = self._session.where, self._session.emit
        session = Session(where, emit, pins=pins.over(self._session.pins))
        try:
            request = BuildRequest(patterns=())
            plan = _plan(session, request, package)
            if plan.unbuildable:
                lacks = "\n".join(f"  - {lack}" for each in plan.unbuildable for lack in each.lacks)
                raise MachineError(f"the back end of {package.name} cannot run here:\n{lacks}")
            (outcome,) = execute(session, request, plan).values()
            if outcome.result is None:
                raise ActionFailed(
                    f"the back end of {package.name} could not be asked what it needs: it {outcome.message}"
                )
            (file,) = outcome.result.files
            return read_asked(session.store.read(file.digest))
        finally:
            session.close()


def _plan(session: Session, request: BuildRequest, package: Package) -> BuildPlan:
    """The one action that asks a project's back end; it is of a target that no pattern chooses."""
    attrs: dict[str, Plain] = {
        "directory": package.path,
        "srcs": Sources(globs=package.paths),
        "env": StringMap.of(package.env),
    }
    target = Target(
        label=Label("" if package.path == "." else package.path, "requirements"),
        rule=RULE,
        attrs=tuple(sorted(attrs.items(), key=lambda pair: pair[0])),
        package=package.name,
        location=package.location,
    )
    graph = TargetGraph.of([target], session.graph.rules)
    machine = Machine(host=session.host, glibc=(), found={}, pinned=frozenset())
    nothing = Toolchains((), machine, glibc=session.settings.glibc, channel=None)
    tooling = Tooling(session)
    around = surroundings(session, request, nothing, {}, tooling.interpreters, node=tooling.node)
    return Analysis(graph, around, rule_finder(session)).plan([Configured(label=target.label)])
