"""Joins targets, from configuration and from BUILD files, into one graph that holds together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from piot.errors import Problem, Problems
from piot.model.label import Label
from piot.model.rule import PUBLISH, RuleSchema
from piot.model.target import Target, TargetGraph

_PLACE = re.compile(r"(.+?):(\d+)")


def build_graph(targets: Iterable[Target], schemas: Mapping[str, RuleSchema]) -> TargetGraph:
    """The graph of all targets; ``schemas`` are by ``RuleSchema.key``.

    Raises Problems for labels that two targets have, dependencies that none has or that are published and
    not built, and cycles.
    """
    found: dict[Label, Target] = {}
    problems: list[Problem] = []
    for target in targets:
        if target.label in found:
            earlier = found[target.label].location
            message = f"{target.label} is declared twice"
            problems.append(
                _problem(target, "PIOT_DUPLICATE_TARGET", message, f"the other one is at {earlier}")
            )
        else:
            found[target.label] = target
    graph = TargetGraph.of(found.values(), schemas)
    problems.extend(_unknown(graph))
    problems.extend(_published(graph))
    circle = graph.cycle()
    if circle:
        path = " -> ".join(str(label) for label in circle)
        problems.append(_problem(graph[circle[0]], "PIOT_CYCLE", f"targets depend on each other: {path}"))
    if problems:
        raise Problems(problems)
    return graph


def _unknown(graph: TargetGraph) -> Iterable[Problem]:
    for number, target in enumerate(graph.targets):
        if len(graph.forward[number]) < len(target.deps):
            for dep in target.deps:
                if dep not in graph:
                    message = f"{target.label} depends on {dep}, which does not exist"
                    yield _problem(target, "PIOT_UNKNOWN_TARGET", message, graph.near(dep))


def _published(graph: TargetGraph) -> Iterable[Problem]:
    nodes = [number for number, target in enumerate(graph.targets) if target.rule == PUBLISH]
    for number in nodes:
        for user in graph.backward[number]:
            if graph.targets[user].rule != PUBLISH:
                message = f"{graph.targets[user].label} depends on {graph.targets[number].label}"
                hint = "depend on what is built: no build publishes anything"
                yield _problem(graph.targets[user], "PIOT_PUBLISH_DEPENDENCY", message, hint)


def _problem(target: Target, code: str, message: str, hint: str | None = None) -> Problem:
    place = _PLACE.match(target.location)
    path, line = (place[1], int(place[2])) if place else (target.location or str(target.label), 0)
    return Problem(path=path, line=line, column=1 if line else 0, code=code, message=message, hint=hint)
