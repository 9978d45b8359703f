"""What was chosen becomes a build plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from piot.api.rule import Rule
from piot.app.building.choosing import chosen, configure
from piot.app.building.pinning import unpinned
from piot.app.building.request import BuildRequest
from piot.app.building.versions import versioned
from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.errors import PiotError, Problem, Problems, listed
from piot.load import rule_files
from piot.load.config import WrongConfig
from piot.load.packages import OVER_BACKENDS
from piot.load.repository import read
from piot.model.action import Text
from piot.model.label import Label
from piot.model.plan import BuildPlan
from piot.model.select import texts_in
from piot.model.target import Target
from piot.model.toolchain import Lack, NodeToolchain, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.analyze import Analysis
from piot.plan.context import Surroundings
from piot.plan.facts import Facts
from piot.plan.python import Find
from piot.plan.toolchains import Toolchains
from piot.run import launcher


def make_plan(session: Session, request: BuildRequest) -> BuildPlan:
    """Chooses targets and triples, then analyses them."""
    _refuse_config(session, request)
    targets = chosen(session, request)
    if wrong := unpinned(session, targets):
        _tell_with(wrong, lambda: _planned(session, replace(request, dry_run=True), _sound(session, targets)))
    return _planned(session, request, targets)


def _planned(session: Session, request: BuildRequest, targets: Sequence[Target]) -> BuildPlan:
    configured, notes = configure(session, targets, request.triples, request.pythons)
    triples = [
        Triple.parse(each.triple)
        for each in configured
        if each.triple is not None and session.graph[each.label].rule not in OVER_BACKENDS
    ]
    wanted = tuple(dict.fromkeys((session.host, *triples)))
    install = not (request.dry_run or session.where.offline)
    tooling = Tooling(session)
    toolchains = tooling.choose(wanted, install=install)
    programs = tooling.programs(_named(session, targets, "tools"))
    system = tooling.system(_named(session, targets, "system"))
    around = surroundings(
        session, request, toolchains, programs, tooling.interpreters, node=tooling.node, system=system
    )
    around = replace(around, toolchain=tooling.of)
    analysis = Analysis(session.graph, around, rule_finder(session))
    return analysis.plan(configured, (*notes, *_versions_differ(toolchains, triples)))


def _refuse_config(session: Session, request: BuildRequest) -> None:
    """Raises what is wrong in the configuration, with all that is wrong beside it where that can be seen."""
    try:
        _ = session.config
    except WrongConfig as wrong:
        if wrong.rest is None:
            raise
        rest = Session(session.where, lambda _: None, versions=session.versions, config=wrong.rest)
        try:
            _tell_with(wrong.problems, lambda: make_plan(rest, replace(request, dry_run=True)))
        finally:
            rest.close()


def _tell_with(wrong: Sequence[Problem], rest: Callable[[], object]) -> NoReturn:
    """Raises Problems with what is wrong, and with those of the ``rest``."""
    found = [*wrong]
    try:
        rest()
    except Problems as error:
        found += error.problems
    except PiotError:
        pass  # it may follow from what was left out
    raise Problems(found)


def _sound(session: Session, targets: Sequence[Target]) -> tuple[Target, ...]:
    """Those that need no back end of Python: what is lacking there would be told again."""
    graph = session.graph
    return tuple(
        target
        for target in targets
        if not any(graph[each].rule in OVER_BACKENDS for each in graph.closure([target.label]))
    )


def lacking(plan: BuildPlan) -> tuple[str, ...]:
    """A line for each target that cannot be built here, with what it lacks."""
    return tuple(f"{each.target}: {'; '.join(map(str, each.lacks))}" for each in plan.unbuildable)


def surroundings(
    session: Session,
    request: BuildRequest,
    toolchains: Toolchains,
    programs: Mapping[str, SystemTool | Lack],
    interpreters: Find,
    *,
    node: Callable[[], NodeToolchain | tuple[Lack, ...]],
    system: Mapping[str, SystemTool | Lack] | None = None,
) -> Surroundings:
    """What analysis may know."""
    found = session.repository
    return Surroundings(
        facts=Facts(
            files=found.tree.paths,
            texts={**found.texts, **found.overlay},
            workspaces=found.workspaces,
            pyprojects=versioned(session),
            npm=found.npm,
            packages=found.config.packages,
        ),
        toolchains=toolchains,
        node=node,
        programs=programs,
        system=system or {},
        pins=session.pins,
        host=session.host,
        profile=request.profile,
        launcher=Text(dest=launcher.PATH, content=launcher.text(session.host).encode(), executable=True),
        interpreters=interpreters,
    )


def rule_finder(session: Session) -> Callable[[str], Rule[object]]:
    """From a target's rule key to the rule; each file runs once."""
    files: dict[Label, dict[str, Rule[object]]] = {}

    def find(key: str) -> Rule[object]:
        schema = session.graph.rules[key]
        if schema.file not in files:
            files[schema.file] = rule_files.rules(rule_files.find(schema.file, session.root, read))
        return files[schema.file][schema.name]

    return find


def _named(session: Session, targets: Sequence[Target], attribute: str) -> set[str]:
    """The names that these targets, and what they depend on, declare in an attribute."""
    labels = session.graph.closure([target.label for target in targets])
    values = [session.graph[label].get(attribute) for label in labels]
    return {name for value in values if value is not None for name in texts_in(value)}


def _versions_differ(toolchains: Toolchains, triples: Sequence[Triple]) -> tuple[str, ...]:
    chosen = {triple: toolchains.rust(triple) for triple in dict.fromkeys(triples)}
    versions = {each.version: name for name, each in chosen.items() if isinstance(each, RustToolchain)}
    if len(versions) < 2:
        return ()
    shown = listed([f"rustc {version} for {triple}" for version, triple in sorted(versions.items())])
    return (
        f"different compilers are used: {shown}; pin one in rust-toolchain.toml to have the same for all",
    )
