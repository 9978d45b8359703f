"""Patterns choose targets, flags their triples and Pythons."""

from __future__ import annotations

from collections.abc import Sequence

from piot.app.building.request import BuildRequest
from piot.app.session.session import Session
from piot.errors import InputError, UsageError, listed, near, of_command_line
from piot.model.label import Label, PackageName, Pattern
from piot.model.nearness import near_word
from piot.model.plan import Configured
from piot.model.python.pyproject import PYTHON, SPELLED
from piot.model.rule import PUBLISH, Triples
from piot.model.select import resolve_select
from piot.model.target import Target, TargetGraph
from piot.model.triple import Triple


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


def _pattern(text: str, package: str) -> Pattern | PackageName:
    with of_command_line():
        return Pattern.parse(text, package=package)


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
