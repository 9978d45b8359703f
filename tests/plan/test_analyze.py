"""From targets and rules to actions in an order in which they can run."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from piot.api.context import Context
from piot.api.faults import Faults
from piot.api.rule import Rule, rule
from piot.errors import InputError, Problems
from piot.model.action import Output, Produced
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured
from piot.model.provider import Files
from piot.model.toolchain import Lack
from piot.plan.analyze import Analysis
from piot.plan.context import Lacking
from tests.plan.conftest import HOST, Analyse


@dataclass(frozen=True)
class Thing:
    """A thing made of other things."""

    deps: tuple[Label, ...] = ()
    depends_on: tuple[Label, ...] = ()


def declared(ctx: Context, attrs: Thing) -> tuple[Output, ...]:
    inputs = [
        Produced(output=output, dest=f"deps/{label.name}")
        for label in attrs.deps
        for output in ctx.outputs(label)
    ]
    return ctx.run("make", mnemonic="make", outputs=["out"], inputs=inputs)


@rule
def thing(ctx: Context, attrs: Thing) -> tuple[Files]:
    return (Files(outputs=declared(ctx, attrs)),)


@rule(configured_by=("triple",))
def per_triple(ctx: Context, attrs: Thing) -> tuple[Files]:
    return (Files(outputs=declared(ctx, attrs)),)


def planned(analysis: Analysis, *names: str, triple: str | None = None) -> BuildPlan:
    return analysis.plan([Configured(label=Label("", name), triple=triple) for name in names])


def order(plan: BuildPlan) -> str:
    return " ".join(name.removeprefix("//:") for name in plan.actions)


def test_actions_come_behind_what_they_need_each_once(analyse: Analyse) -> None:
    analysis = analyse(thing, {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": (), "e": ()})
    assert order(planned(analysis, "a")) == "d b c a"
    assert order(planned(analysis, "c", "b")) == "d c b"
    assert order(planned(analysis, "e", "d", "a")) == "e d b c a"


def test_a_target_is_asked_for_with_its_outputs_and_its_own_actions(analyse: Analyse) -> None:
    (asked,) = planned(analyse(thing, {"a": ("b",), "b": ()}), "a").requested
    assert asked.target == Configured(label=Label("", "a"))
    assert asked.outputs == (Output(action="//:a", path="out"),)
    assert asked.actions == ("//:a",)


def test_every_rule_runs_once_per_configured_target(analyse: Analyse) -> None:
    seen: list[str] = []

    def noted(ctx: Context, _attrs: Thing) -> tuple[Files]:
        seen.append(str(ctx.label))
        return (Files(outputs=()),)

    once = Rule(function=noted, attrs=Thing)
    planned(analyse(once, {"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}), "a", "b")
    assert seen == ["//:d", "//:b", "//:c", "//:a"]


def test_long_chains_are_no_deeper_than_short_ones(analyse: Analyse) -> None:
    edges = {f"t{number}": (f"t{number + 1}",) for number in range(3000)} | {"t3000": ()}
    assert len(planned(analyse(thing, edges), "t0").actions) == 3001


def test_dependencies_have_the_triple_of_their_dependent(analyse: Analyse) -> None:
    plan = planned(analyse(per_triple, {"a": ("b",), "b": ()}), "a", triple="aarch64-apple-darwin")
    assert list(plan.actions) == [f"//:{name}@triple=aarch64-apple-darwin" for name in "ba"]
    assert {action.triple for action in plan.actions.values()} == {"aarch64-apple-darwin"}


def test_without_a_triple_the_hosts_is_meant_where_it_matters(analyse: Analyse) -> None:
    analysis = analyse(per_triple, {"a": ()})
    assert analysis.configured(Label("", "a"), None) == Configured(label=Label("", "a"), triple=HOST.text)
    assert analyse(thing, {"a": ()}).configured(Label("", "a"), HOST.text).triple is None


def test_a_target_that_only_hands_on_outputs_needs_the_actions_that_make_them(analyse: Analyse) -> None:
    def hands_on(ctx: Context, attrs: Thing) -> tuple[Files]:
        if not attrs.deps:
            return (Files(outputs=declared(ctx, attrs)),)
        return (Files(outputs=tuple(output for label in attrs.deps for output in ctx.outputs(label))),)

    plan = planned(analyse(Rule(function=hands_on, attrs=Thing), {"a": ("b",), "b": ()}), "a")
    assert order(plan) == "b"
    (asked,) = plan.requested
    assert (asked.actions, asked.outputs) == ((), (Output(action="//:b", path="out"),))


def test_a_missing_toolchain_leaves_out_the_target_and_what_needs_it(analyse: Analyse) -> None:
    lack = Lack(candidate="zig", reason="none", remedy="get it")

    def lacking(ctx: Context, attrs: Thing) -> tuple[Files]:
        if ctx.label.name == "bad":
            raise Lacking((lack,))
        return (Files(outputs=declared(ctx, attrs)),)

    analysis = analyse(Rule(function=lacking, attrs=Thing), {"a": ("bad",), "bad": (), "good": ()})
    plan = planned(analysis, "a", "bad", "good")
    assert [str(each.target) for each in plan.requested] == ["//:good"]
    assert [(str(each.target), each.lacks) for each in plan.unbuildable] == [
        ("//:a", (lack,)),
        ("//:bad", (lack,)),
    ]
    assert order(plan) == "good"


def test_a_rule_that_returns_no_providers_is_an_error(analyse: Analyse) -> None:
    wrong = Rule(function=lambda _ctx, _attrs: None, attrs=Thing)  # type: ignore[arg-type,return-value]
    with pytest.raises(InputError) as caught:
        planned(analyse(wrong, {"a": ()}), "a")
    assert str(caught.value) == (
        "the rule of //:a returned None\n\n"
        "hint: a rule returns a tuple of providers, such as (Files(outputs=…),)"
    )


def test_notes_are_handed_on(analyse: Analyse) -> None:
    assert analyse(thing, {"a": ()}).plan([], ["a note"]).notes == ("a note",)


def test_the_problems_of_all_targets_are_told_at_once_each_where_its_target_stands(analyse: Analyse) -> None:
    @rule
    def broken(ctx: Context, attrs: Thing) -> tuple[Files]:  # noqa: ARG001
        ctx.fail(f"{ctx.label} is wrong", hint="mend it")

    with pytest.raises(Problems) as caught:
        planned(analyse(broken, {"a": ("c",), "b": ("c",), "c": (), "d": ()}), "a", "b", "d")
    found = [problem.message for problem in caught.value.problems]
    assert sorted(found) == [f"//:{name} is wrong" for name in "abcd"]


def test_what_needs_a_target_that_cannot_be_tells_its_own_problems_and_no_others(analyse: Analyse) -> None:
    """``a`` asks first and says nothing, ``b`` has said what is wrong with itself, ``e`` does not ask."""

    def picky(ctx: Context, attrs: Thing) -> tuple[Files]:
        name, faults = ctx.label.name, Faults(ctx.label)
        if name in "bc":
            faults.add(f"{ctx.label} is wrong")
        with faults.last():
            return (Files(outputs=() if name == "e" else declared(ctx, attrs)),)

    edges = {"a": ("c",), "b": ("c",), "c": (), "e": ("c",), "f": ("e",), "g": ()}
    with pytest.raises(Problems) as caught:
        planned(analyse(Rule(function=picky, attrs=Thing), edges), *edges)
    found = [problem.message for problem in caught.value.problems]
    assert sorted(found) == ["//:b is wrong", "//:c is wrong"]


def test_problems_are_told_before_what_the_machine_lacks(analyse: Analyse) -> None:
    def wrong(ctx: Context, attrs: Thing) -> tuple[Files]:
        if ctx.label.name == "lacking":
            raise Lacking((Lack(candidate="zig", reason="none", remedy="get it"),))
        faults = Faults(ctx.label)
        faults.add("wrong")
        with faults.last():
            return (Files(outputs=declared(ctx, attrs)),)

    with pytest.raises(Problems) as caught:
        planned(analyse(Rule(function=wrong, attrs=Thing), {"a": ("lacking",), "lacking": ()}), "a")
    assert [problem.message for problem in caught.value.problems] == ["//:a: wrong"]
