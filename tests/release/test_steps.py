"""What becomes of the steps of a release when some of them fail."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from piot.errors import MachineError
from piot.model.release.artifact import Artifact, Waiting
from piot.model.release.steps import Outcome, Step, Tag, Upload
from piot.release.steps import Later, carry_out


def upload(name: str, *after: str, settled: bool = False) -> Upload:
    artifact = Artifact(package=name, kind="crate", registry_name=name, version="1.0.0", file="f")
    return Upload(artifact=artifact, after=tuple(f"{each} f" for each in after), settled=settled)


def run(steps: list[Step], failing: set[str]) -> list[Outcome]:
    def do(step: Step) -> str:
        if step.name in failing:
            raise MachineError("the registry is down", hint="wait")
        return "sent"

    return list(carry_out(steps, do))


def test_a_failure_keeps_back_what_needs_it_and_nothing_else() -> None:
    tag = Tag(packages=("b",), tag="b-v1", after=("b f",))
    found = run([upload("a"), upload("b", "a"), tag, upload("c"), upload("d", "b")], {"a f"})
    assert [(each.step.name, each.fate, each.detail) for each in found] == [
        ("a f", "failed", "the registry is down\n\nhint: wait"),
        ("b f", "left", "a f has to be there before"),
        ("tag b-v1", "left", "b f has to be there before"),
        ("c f", "done", "sent"),
        ("d f", "left", "b f has to be there before"),
    ]


def test_what_is_there_is_there_whatever_became_of_others() -> None:
    found = run([upload("a"), upload("b", "a", settled=True), upload("c", "b")], {"a f"})
    assert [each.fate for each in found] == ["failed", "there", "done"]


def staging(name: str, *after: str, waiting: Waiting | None = None) -> Upload:
    return replace(upload(name, *after), stage=True, waiting=waiting)


def test_what_waits_for_an_approval_lets_go_what_waits_for_one_too_and_nothing_else() -> None:
    tag = Tag(packages=("b",), tag="b-v1", after=("b f",))
    steps: list[Step] = [staging("a"), staging("b", "a"), tag, upload("c", "b"), upload("d")]
    found = list(carry_out(steps, lambda step: Waiting(id=f"id of {step.name}") if step in steps[:2] else ""))
    assert [(each.step.name, each.fate, each.detail) for each in found] == [
        ("a f", "staged", ""),
        ("b f", "staged", ""),
        ("tag b-v1", "left", "b f has to be approved before"),
        ("c f", "left", "b f has to be approved before"),
        ("d f", "done", ""),
    ]
    assert [each.waiting and each.waiting.id for each in found[:2]] == ["id of a f", "id of b f"]


def test_what_waits_already_is_not_sent_again_whatever_became_of_others() -> None:
    found = run([upload("a"), staging("b", "a", waiting=Waiting(id="known")), staging("c", "a")], {"a f"})
    assert [each.fate for each in found] == ["failed", "staged", "left"]


def test_all_is_sent_that_can_be_before_anything_is_waited_for_and_nothing_before_its_turn() -> None:
    done: list[str] = []

    def see(name: str) -> str:
        done.append(f"see {name}")
        return "late"

    def do(step: Step) -> str | Later:
        done.append(f"send {step.name}")
        return Later(finish=partial(see, step.name)) if step.name in ("one f", "two f") else ""

    tag = Tag(packages=("js",), tag="js-v1", after=("one f", "two f", "js f"))
    steps: list[Step] = [upload("one"), upload("two"), upload("js", "one", "two"), upload("other"), tag]
    found = [(each.step.name, each.fate, each.detail) for each in carry_out(steps, do)]
    assert done == [
        *("send one f", "send two f", "send other f"),
        *("see one f", "see two f"),
        *("send js f", "send tag js-v1"),
    ]
    assert found == [
        *(("other f", "done", ""), ("one f", "done", "late"), ("two f", "done", "late")),
        *(("js f", "done", ""), ("tag js-v1", "done", "")),
    ]


def test_what_was_taken_and_never_shows_keeps_back_what_needs_it() -> None:
    def never() -> str:
        raise MachineError("it is not there")

    steps: list[Step] = [upload("one"), upload("js", "one"), upload("more", "js"), upload("other")]
    found = carry_out(steps, lambda step: Later(finish=never) if step.name == "one f" else "")
    assert [(each.step.name, each.fate, each.detail) for each in found] == [
        ("other f", "done", ""),
        ("one f", "failed", "it is not there"),
        ("js f", "left", "one f has to be there before"),
        ("more f", "left", "js f has to be there before"),
    ]


@given(st.data())
def test_exactly_what_comes_after_a_failure_is_left(data: st.DataObject) -> None:
    """However a step fails, and whenever its registry shows what it took; each is tried once, in its turn."""
    count = data.draw(st.integers(1, 8))
    edges = [sorted(data.draw(st.sets(st.integers(0, index - 1)))) if index else [] for index in range(count)]
    failing = {f"{index} f" for index in range(count) if data.draw(st.booleans())}
    late = {f"{index} f" for index in range(count) if data.draw(st.booleans())}
    steps: list[Step] = [upload(str(i), *map(str, needed)) for i, needed in enumerate(edges)]
    tried, seen = list[str](), set[str]()

    def end(step: Step) -> str:
        if step.name in failing:
            raise MachineError("the registry is down")
        seen.add(step.name)
        return ""

    def do(step: Step) -> str | Later:
        assert seen.issuperset(step.after)
        tried.append(step.name)
        return Later(finish=lambda: end(step)) if step.name in late else end(step)

    fates = {each.step.name: each.fate for each in carry_out(steps, do)}
    for index, needed in enumerate(edges):
        blocked = any(fates[f"{each} f"] in ("failed", "left") for each in needed)
        expected = "left" if blocked else "failed" if f"{index} f" in failing else "done"
        assert fates[f"{index} f"] == expected
    assert sorted(tried) == sorted(name for name, fate in fates.items() if fate != "left")
