"""Pins of the environments that PEP 517 back ends run in: resolved by pip, and by asking the back end."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from piot.app.planning import rule_finder, surroundings
from piot.app.request import BuildRequest
from piot.app.running import execute
from piot.app.session import Session
from piot.app.tooling import Tooling
from piot.effects.http import Http
from piot.effects.pip_config import pip_settings
from piot.errors import ActionFailed, InputError, MachineError
from piot.model.build_pins import BuildPins
from piot.model.label import Label
from piot.model.package import Config, Package, PypiSettings
from piot.model.pins import Pins, ToolPin
from piot.model.plan import BuildPlan, Configured
from piot.model.pyproject import KNOWN_PYTHONS, Pyproject, python_versions
from piot.model.python_index import IndexFile
from piot.model.rule import Plain, Sources, StringMap
from piot.model.target import Target, TargetGraph
from piot.model.toolchain import Interpreter
from piot.plan.analyze import Analysis
from piot.plan.toolchains import Machine, Toolchains
from piot.run import lock as tools
from piot.run.fetch.index import project_files
from piot.run.requirements import Resolved, read_asked, resolve

RULE = "python_requirements"


def plain_packages(config: Config) -> tuple[Package, ...]:
    """The Python packages whose back ends need an environment."""
    return tuple(
        package
        for package in config.packages
        if isinstance(package.settings, PypiSettings) and package.settings.build != "maturin"
    )


class BuildLock:
    """Makes the pins of builds, one project after the other; each project is asked of the index once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._indexed: dict[str, tuple[IndexFile, ...]] = {}

    def pinned(self, package: Package) -> Pins:
        """The environment of one package's project, and nothing else."""
        project = self._project(package)
        python = self._interpreter(project)
        resolved = self._resolved(project, python, ())
        pins = self._pins(package, project, resolved)
        asked = self._asked(package, pins)
        if set(asked) - set(project.build_requires):
            pins = self._pins(package, project, self._resolved(project, python, asked))
        return pins

    def _project(self, package: Package) -> Pyproject:
        found = self._session.repository.pyprojects.get(package.path)
        if found is None:
            raise InputError(f"{package.name}: no pyproject.toml in {package.path}")
        return found

    def _interpreter(self, project: Pyproject) -> Interpreter:
        wanted = (project.requires_python,) if project.requires_python else ()
        found = Tooling(self._session).interpreters(wanted)
        if isinstance(found, tuple):
            lacks = "\n".join(f"  - {lack}" for lack in found)
            raise MachineError(f"no Python on this machine can build {project.directory}:\n{lacks}")
        return found

    def _resolved(self, project: Pyproject, python: Interpreter, asked: tuple[str, ...]) -> Resolved:
        return resolve(
            tuple(dict.fromkeys((*project.build_requires, *asked))),
            Path(python.tool.program(python.tool.name)),
            python_versions(project.requires_python) if project.requires_python else KNOWN_PYTHONS,
            self._files_of,
            env=self._session.where.environ,
        )

    def _files_of(self, name: str, version: str) -> ToolPin:
        http, url = self._index
        if name not in self._indexed:
            self._indexed[name] = project_files(http, url, name)
        return tools.pin(name, version, self._indexed[name])

    @cached_property
    def _index(self) -> tuple[Http, str]:
        settings = pip_settings(self._session.where.environ)
        return Http(proxy=settings.proxy, cainfo=settings.cert), settings.url

    def _pins(self, package: Package, project: Pyproject, resolved: Resolved) -> Pins:
        build = BuildPins(
            path=package.path,
            requires=tuple(sorted(project.build_requires)),
            python=resolved.python,
            pins=tuple((pin.name, pin.version) for pin in resolved.pins),
        )
        return Pins(requirements=resolved.pins, builds=(build,))

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
