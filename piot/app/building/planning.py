"""From patterns and flags to a build plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from piot.api.rule import Rule
from piot.app.building.pinning import unpinned
from piot.app.building.request import BuildRequest
from piot.app.building.versions import versioned
from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.errors import InputError, PiotError, Problem, Problems, UsageError, listed, near, of_command_line
from piot.load import rule_files
from piot.load.config import WrongConfig
from piot.load.packages import OVER_BACKENDS
from piot.load.repository import read
from piot.model.action import Text
from piot.model.label import Label, PackageName, Pattern
from piot.model.nearness import near_word
from piot.model.plan import BuildPlan, Configured
from piot.model.python.pyproject import PYTHON, SPELLED
from piot.model.rule import PUBLISH, Triples
from piot.model.select import resolve_select, texts_in
from piot.model.target import Target, TargetGraph
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


def chosen(session: Session, request: BuildRequest) -> tuple[Target, ...]:
    """The targets that the patterns choose; only tests, or all but tests, unless named by label."""
    patterns = [_pattern(text, session.where.below(session.root)) for text in request.patterns]
    _refuse_unknown(session, patterns)
    targets = session.graph.select(patterns)
    exact = {
        Label(each.package, each.name)
        for each in patterns
        if isinstance(each, Pattern) and each.name not in (None, "all")
    }
    return tuple(
        target
        for target in targets
        if target.label in exact or session.graph.schema(target.label).test == request.tests
    )


def configure(
    session: Session, targets: Sequence[Target], names: Sequence[str], pythons: Sequence[str] = ()
) -> tuple[tuple[Configured, ...], tuple[str, ...]]:
    """Every target with every triple and Python that is asked for; the host where no triple is named.

    A triple that a target does not declare is an error, but for the host, which is a note.
    """
    found: list[Configured] = []
    notes: list[str] = []
    _refuse_nonsense(names, pythons)
    for target in targets:
        schema = session.graph.schema(target.label)
        if "triple" not in schema.configured_by:
            found.append(Configured(label=target.label))
            continue
        declared = _declared(session, target)
        for triple in _triples(session, declared, names):
            if declared and triple not in declared:
                if triple != session.host:
                    raise UsageError(
                        f"{target.label} is not declared for {triple}",
                        hint=f"it is declared for {listed([each.text for each in declared])}",
                    )
                notes.append(f"{target.label} is not declared for this host ({triple}); built all the same")
            chosen_pythons = _pythons(session, target, triple, pythons)
            if pythons and chosen_pythons == (None,) and "python" in schema.configured_by:
                notes.append(f"{target.label} is not made for each Python: --python changes nothing there")
            for python in chosen_pythons:
                found.append(Configured(label=target.label, triple=triple.text, python=python))
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(notes))


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


def _pattern(text: str, package: str) -> Pattern | PackageName:
    with of_command_line():
        return Pattern.parse(text, package=package)


def rule_finder(session: Session) -> Callable[[str], Rule[object]]:
    """From a target's rule key to the rule; each file runs once."""
    files: dict[Label, dict[str, Rule[object]]] = {}

    def find(key: str) -> Rule[object]:
        schema = session.graph.rules[key]
        if schema.file not in files:
            files[schema.file] = rule_files.rules(rule_files.find(schema.file, session.root, read))
        return files[schema.file][schema.name]

    return find


def _refuse_unknown(session: Session, patterns: Sequence[Pattern | PackageName]) -> None:
    names = [each.name for each in session.repository.config.packages]
    for pattern in patterns:
        if isinstance(pattern, Pattern):
            _refuse_publish(session.graph, pattern)
        elif pattern.name not in names:
            labels = [str(target.label) for target in session.graph.targets]
            hint = near(pattern.name, names) or near_word(
                pattern.name, session.where.below(session.root), labels
            )
            raise UsageError(f'no package is called "{pattern.name}"', hint=hint)


def _refuse_publish(graph: TargetGraph, pattern: Pattern) -> None:
    label = Label(pattern.package, pattern.name or "")
    if pattern.negative or label not in graph or graph[label].rule != PUBLISH:
        return
    raise UsageError(f"{label} is not built but published", hint=f"use `piot publish {label}`")


def _named(session: Session, targets: Sequence[Target], attribute: str) -> set[str]:
    """The names that these targets, and what they depend on, declare in an attribute."""
    labels = session.graph.closure([target.label for target in targets])
    values = [session.graph[label].get(attribute) for label in labels]
    return {name for value in values if value is not None for name in texts_in(value)}


def _refuse_nonsense(triples: Sequence[str], pythons: Sequence[str]) -> None:
    """Raises UsageError with all that no platform and no Python is called."""
    wrong: list[InputError] = []
    for name in dict.fromkeys(triples):
        try:
            Triple.parse(name if name not in ("host", "all") else "x86_64-unknown-linux-gnu")
        except InputError as error:
            wrong.append(error)
    for name in dict.fromkeys(pythons):
        if not PYTHON.fullmatch(name):
            wrong.append(InputError(f'"{name}" is not a Python version', hint=SPELLED))
    if len(wrong) == 1:
        raise UsageError(wrong[0].message, hint=wrong[0].hint)
    if wrong:
        raise UsageError("\n".join(f"{each.message} ({each.hint})" for each in wrong))


def _declared(session: Session, target: Target) -> tuple[Triple, ...]:
    value = session.graph.value(target.label, "targets")
    return tuple(Triple.parse(name) for name in value) if isinstance(value, Triples) else ()


def _pythons(
    session: Session, target: Target, triple: Triple, asked: Sequence[str]
) -> tuple[str | None, ...]:
    """The Pythons that make a result of their own on a platform; none where one serves all."""
    value = resolve_select(session.graph.value(target.label, "python_versions") or "", triple)
    declared = tuple(str(version) for version in value) if isinstance(value, tuple) else ()
    for python in asked if declared else ():
        if python not in declared:
            raise UsageError(
                f"{target.label} is not declared for Python {python}",
                hint=f"it is declared for {listed(declared)}",
            )
    return tuple(asked) if declared and asked else (declared or (None,))


def _triples(session: Session, declared: Sequence[Triple], names: Sequence[str]) -> tuple[Triple, ...]:
    found: list[Triple] = []
    for name in names or ("host",):
        if name == "all":
            found += declared or (session.host,)
        else:
            with of_command_line():
                found.append(session.host if name == "host" else Triple.parse(name))
    return tuple(dict.fromkeys(found))


def _versions_differ(toolchains: Toolchains, triples: Sequence[Triple]) -> tuple[str, ...]:
    chosen = {triple: toolchains.rust(triple) for triple in dict.fromkeys(triples)}
    versions = {each.version: name for name, each in chosen.items() if isinstance(each, RustToolchain)}
    if len(versions) < 2:
        return ()
    shown = listed([f"rustc {version} for {triple}" for version, triple in sorted(versions.items())])
    return (
        f"different compilers are used: {shown}; pin one in rust-toolchain.toml to have the same for all",
    )
