"""Calls rules: a graph, what was asked for and what is known become a build plan. Nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from piot.api.rule import Rule
from piot.errors import InputError, Problem, Problems
from piot.model.action import ActionId, CommandAction
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured, Requested, Unbuildable
from piot.model.provider import Provider
from piot.model.rule import Plain
from piot.model.select import resolve_select
from piot.model.target import Target, TargetGraph
from piot.model.triple import Triple
from piot.plan.context import Absent, Lacking, Surroundings, TargetContext

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
        self._failed: dict[Configured, Problems | Lacking] = {}
        self._declared: dict[Configured, tuple[ActionId, ...]] = {}
        self._needs: dict[Configured, dict[Label, Configured]] = {}

    def plan(self, wanted: Sequence[Configured], notes: Sequence[str] = ()) -> BuildPlan:
        """The plan for ``wanted``; what this machine has no toolchain for is in ``unbuildable``.

        Raises Problems with what is wrong in all of them.
        """
        requested: list[Requested] = []
        unbuildable: list[Unbuildable] = []
        problems: dict[Problem, None] = {}
        for target in wanted:
            try:
                providers = self._analyse(target)
            except Lacking as error:
                unbuildable.append(Unbuildable(target=target, lacks=error.lacks))
            except Problems as error:
                problems |= dict.fromkeys(error.problems)
            else:
                outputs = tuple(output for each in providers for output in each.outputs)
                own = self._declared[target]
                requested.append(Requested(target=target, outputs=outputs, actions=own, providers=providers))
        if problems:
            raise Problems(problems)
        roots = [name for each in requested for name in each.actions]
        needed = self._needed([*roots, *(output.action for each in requested for output in each.outputs)])
        return BuildPlan(
            actions=needed, requested=tuple(requested), unbuildable=tuple(unbuildable), notes=tuple(notes)
        )

    def _needed(self, roots: Sequence[ActionId]) -> dict[ActionId, CommandAction]:
        """Everything that ``roots`` need, in order; actions that nobody waits for are left out."""
        ordered: dict[ActionId, CommandAction] = {}
        ahead = list(reversed(roots))
        while ahead:
            action = self._actions[ahead[-1]]
            needs = [need for need in reversed(action.needs) if need not in ordered]
            if needs and action.id not in ordered:
                ahead += needs
            else:
                ordered.setdefault(ahead.pop(), action)
        return ordered

    def _analyse(self, target: Configured) -> tuple[Provider, ...]:
        """Dependencies first; without recursion, so that long chains are no deeper than short ones.

        What depends on a target that cannot be is looked at all the same: its own problems are told too.
        """
        ahead = [target]
        while ahead:
            needs = () if self._known(ahead[-1]) else self._dependencies(ahead[-1]).values()
            missing = [need for need in needs if not self._known(need)]
            if missing:
                ahead += reversed(missing)
            else:
                self._evaluate(ahead.pop())
        if target in self._failed:
            raise self._failed[target]
        return self._providers[target]

    def _known(self, target: Configured) -> bool:
        return target in self._providers or target in self._failed

    def _evaluate(self, target: Configured) -> None:
        if self._known(target):
            return
        needs = self._dependencies(target)
        failed = {need: self._failed[need] for need in needs.values() if need in self._failed}
        provided = {label: None if need in failed else self._providers[need] for label, need in needs.items()}
        context = TargetContext(target, self._around, provided, self._actions, self._runner(target))
        errors = [*failed.values()]
        try:
            returned = self._returned(context, target)
        except (Problems, Lacking) as error:
            errors = [error, *errors]
        except Absent:
            pass  # what is wrong is that of its dependencies
        else:
            if not errors:
                self._providers[target] = _checked(returned, target)
                self._declared[target] = tuple(context.declared)
        if errors:
            self._failed[target] = _joined(errors)

    def _returned(self, context: TargetContext, target: Configured) -> object:
        """What its rule gives; raises Problems that stand where it is declared."""
        declared = self._graph[target.label]
        try:
            return self._rule_of(declared.rule).analyse(context, self._values(target))
        except Problems as error:
            raise Problems([_at(problem, declared) for problem in error.problems]) from error

    def _runner(self, target: Configured) -> str | None:
        """What ``targets`` of the package says of the triple."""
        package = self._graph[target.label].package
        specs = (
            spec for each in self._around.facts.packages if each.name == package for spec in each.targets
        )
        return next((spec.runner for spec in specs if spec.triple.text == target.triple), None)

    def _values(self, target: Configured) -> dict[str, Plain]:
        triple = None if target.triple is None else Triple.parse(target.triple)
        return {name: resolve_select(value, triple) for name, value in self._graph[target.label].attrs}

    def _dependencies(self, target: Configured) -> dict[Label, Configured]:
        """The labels in the attributes, but for ``depends_on``, which orders releases only."""
        if target not in self._needs:
            self._needs[target] = {
                label: self.configured(label, target.triple, target.python)
                for name, value in self._values(target).items()
                if name != "depends_on"
                for label in _labels(value)
            }
        return self._needs[target]

    def configured(self, label: Label, triple: str | None, python: str | None = None) -> Configured:
        """``label`` for a triple and a Python, or without them where they make no difference."""
        matters = self._graph.schema(label).configured_by
        return Configured(
            label=label,
            triple=(triple or self._around.host.text) if "triple" in matters else None,
            python=python if "python" in matters and self._per_python(label) else None,
        )

    def _per_python(self, label: Label) -> bool:
        return bool(self._graph.value(label, "python_versions"))


def _at(problem: Problem, target: Target) -> Problem:
    """A built-in rule's complaint, at the target that it is about: its own line helps nobody."""
    path, _, line = target.location.rpartition(":")
    ours = problem.code == "PIOT_RULE" and problem.path.startswith("@piot/")
    return replace(problem, path=path, line=int(line), column=1) if ours and line.isdecimal() else problem


def _joined(errors: Sequence[Problems | Lacking]) -> Problems | Lacking:
    """All problems, each once; what the machine lacks comes second, since no other one would help."""
    found = dict.fromkeys(each for one in errors if isinstance(one, Problems) for each in one.problems)
    return Problems(found) if found else errors[0]


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
