"""Plans that are kept: their parts are those of the plan, and nothing that a file reaches is left out."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piot.app.building.kept_plan import KeptPlan, pack
from piot.model.action import CommandAction, Input, Output, Produced, SourceFile, Text
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured, Requested

PATHS = ("a", "b", "a/b", "ab", "ä", "a b", "b/a")


@st.composite
def plans(draw: st.DrawFn) -> BuildPlan:
    """Up to six actions, each made from files and from what earlier ones make, in any order."""
    actions: dict[str, CommandAction] = {}
    for number in range(draw(st.integers(0, 6))):
        inputs: list[Input] = [
            SourceFile(path, draw(st.sampled_from(("", "elsewhere"))))
            for path in draw(st.lists(st.sampled_from(PATHS), unique=True))
        ]
        needs = draw(st.lists(st.sampled_from([*actions]), unique=True)) if actions else []
        inputs += [Produced(output=Output(action=need, path="x"), dest=need) for need in needs]
        inputs += draw(st.sampled_from(([], [Text(dest="t", content=b"t")])))
        name = f"//:{number}"
        actions[name] = action(name, tuple(draw(st.permutations(inputs))))
    wanted = draw(st.lists(st.sampled_from([*actions]), unique=True)) if actions else []
    return BuildPlan(actions=actions, requested=tuple(map(requested, wanted)))


def action(name: str, inputs: tuple[Input, ...]) -> CommandAction:
    return CommandAction(
        id=name,
        label=name,
        triple=None,
        mnemonic="does",
        argv=("x",),
        environment=(),
        inputs=inputs,
        outputs=(Output(action=name, path="x"),),
    )


def requested(name: str) -> Requested:
    target = Configured(label=Label.parse(name), triple="t")
    return Requested(target=target, outputs=(Output(action=name, path="x"),), actions=(name,))


def kept(plan: BuildPlan) -> KeptPlan:
    packed: Mapping[str, Any] = marshal.loads(marshal.dumps(pack(plan)))
    return KeptPlan(packed)


@given(plans())
def test_all_of_a_plan_is_the_plan(plan: BuildPlan) -> None:
    found = kept(plan).part(plan.actions.keys())
    assert repr(found) == repr(plan)


@given(plans(), st.sets(st.sampled_from(PATHS)))
def test_a_part_is_what_files_reach_and_it_says_what_else_it_needs(plan: BuildPlan, paths: set[str]) -> None:
    reached: set[str] = set()
    for name, each in plan.actions.items():
        files = {item.path for item in each.inputs if isinstance(item, SourceFile)}
        if files & paths or reached.intersection(each.needs):
            reached.add(name)
    whole = kept(plan)
    assert whole.reached(paths) == reached
    part = whole.part(reached)
    assert part.actions == {name: each for name, each in plan.actions.items() if name in reached}
    assert [*part.actions] == [name for name in plan.actions if name in reached]
    assert part.requested == tuple(each for each in plan.requested if str(each.target.label) in reached)
    needs = {need for each in part.actions.values() for need in each.needs}
    assert whole.needed(part) == needs - reached


def test_a_target_that_hands_on_what_others_make_is_built_again_with_them() -> None:
    two = {name: action(name, (SourceFile(name[-1]),)) for name in ("//:a", "//:b")}
    outputs = tuple(Output(action=name, path="x") for name in two)
    both = Requested(target=Configured(label=Label.parse("//:both")), outputs=outputs, actions=())
    whole = kept(BuildPlan(actions=two, requested=(both,)))
    part = whole.part(whole.reached({"a"}))
    assert part.requested == (both,)
    assert whole.needed(part) == {"//:b"}
