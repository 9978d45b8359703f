"""What becomes of the steps of a release when some of them fail."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from piot.errors import MachineError
from piot.model.artifact import Artifact, Waiting
from piot.model.publish_steps import Outcome, Step, Tag, Upload
from piot.release.steps import carry_out


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


@given(st.data())
def test_exactly_what_comes_after_a_failure_is_left(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    edges = [sorted(data.draw(st.sets(st.integers(0, index - 1)))) if index else [] for index in range(count)]
    failing = {f"{index} f" for index in range(count) if data.draw(st.booleans())}
    steps: list[Step] = [upload(str(i), *map(str, needed)) for i, needed in enumerate(edges)]
    fates = [each.fate for each in run(steps, failing)]
    for index, needed in enumerate(edges):
        blocked = any(fates[each] in ("failed", "left") for each in needed)
        expected = "left" if blocked else "failed" if f"{index} f" in failing else "done"
        assert fates[index] == expected
