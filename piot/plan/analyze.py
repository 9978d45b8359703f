"""Calls rules: a graph, what was asked for and what is known become a build plan. Nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from piot.api.rule import Rule
from piot.errors import InputError
from piot.model.action import ActionId, CommandAction
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured, Requested, Unbuildable
from piot.model.provider import Provider
from piot.model.rule import Plain
from piot.model.select import resolve_select
from piot.model.target import TargetGraph
from piot.model.triple import Triple
from piot.plan.context import Lacking, Surroundings, TargetContext

RuleOf = Callable[[str], "Rule[object]"]
"""From a target's rule key to the rule."""


class Analysis:
    """Analyses configured targets, each once, dependencies first."""

    def __init__(self, graph: TargetGraph, around: Surroundings, rule_of: RuleOf) -> None:
        self._graph = graph
        self._around = around
        self._rule_of = rule_of
        self._actions: dict[ActionId, CommandAction] = {}
        self._providers: dict[Configured, tuple[Provider, ...]] = {}
        self._declared: dict[Configured, tuple[ActionId, ...]] = {}

    def plan(self, wanted: Sequence[Configured], notes: Sequence[str] = ()) -> BuildPlan:
        """The plan for ``wanted``; what this machine has no toolchain for is in ``unbuildable``."""
        requested: list[Requested] = []
        unbuildable: list[Unbuildable] = []
        for target in wanted:
            try:
                outputs = [output for each in self._analyse(target) for output in each.outputs]
            except Lacking as error:
                unbuildable.append(Unbuildable(target=target, lacks=error.lacks))
            else:
                own = self._declared[target]
                requested.append(Requested(target=target, outputs=tuple(outputs), actions=own))
        needed = self._needed([name for each in requested for name in each.actions])
        return BuildPlan(
            actions=needed, requested=tuple(requested), unbuildable=tuple(unbuildable), notes=tuple(notes)
        )

    def _needed(self, roots: Sequence[ActionId]) -> dict[ActionId, CommandAction]:
        """Everything that ``roots`` need, in order; actions that nobody waits for are left out."""
        ordered: dict[ActionId, CommandAction] = {}

        def visit(name: ActionId) -> None:
            if name not in ordered:
                for need in self._actions[name].needs:
                    visit(need)
                ordered[name] = self._actions[name]

        for name in roots:
            visit(name)
        return ordered

    def _analyse(self, target: Configured) -> tuple[Provider, ...]:
        if target not in self._providers:
            written = self._graph[target.label]
            values = self._values(target)
            context = TargetContext(target, self._around, self._dependencies(target), self._actions)
            returned = self._rule_of(written.rule).analyse(context, values)
            self._providers[target] = _checked(returned, target)
            self._declared[target] = tuple(context.declared)
        return self._providers[target]

    def _values(self, target: Configured) -> dict[str, Plain]:
        triple = None if target.triple is None else Triple.parse(target.triple)
        return {name: resolve_select(value, triple) for name, value in self._graph[target.label].attrs}

    def _dependencies(self, target: Configured) -> dict[Label, tuple[Provider, ...]]:
        """Providers of the labels in the attributes, but for ``depends_on``, which orders releases only."""
        found: dict[Label, tuple[Provider, ...]] = {}
        for name, value in self._values(target).items():
            if name != "depends_on":
                for label in _labels(value):
                    found[label] = self._analyse(self.configured(label, target.triple))
        return found

    def configured(self, label: Label, triple: str | None) -> Configured:
        """``label`` for ``triple``, or without one where it makes no difference."""
        matters = "triple" in self._graph.schema(label).configured_by
        return Configured(label=label, triple=(triple or self._around.host.text) if matters else None)


def _labels(value: Plain) -> tuple[Label, ...]:
    if isinstance(value, Label):
        return (value,)
    return tuple(item for item in value if isinstance(item, Label)) if isinstance(value, tuple) else ()


def _checked(returned: object, target: Configured) -> tuple[Provider, ...]:
    providers = cast("tuple[Provider, ...]", returned) if isinstance(returned, tuple) else None
    if providers is not None and all(hasattr(each, "outputs") for each in providers):
        return providers
    raise InputError(
        f"the rule of {target.label} returned {returned!r}",
        hint="a rule returns a tuple of providers, such as (Files(outputs=…),)",
    )
