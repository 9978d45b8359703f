"""What is remembered of a build, and its critical path."""

from __future__ import annotations

import json
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from piot.model.build_record import BuildRecord, RecordedAction


def ran(name: str, seconds: float, *after: str) -> RecordedAction:
    return RecordedAction(
        id=name, label=name, does="cc", status="ran", started=0.0, seconds=seconds, after=after
    )


def record(*actions: RecordedAction) -> BuildRecord:
    return BuildRecord(
        words=("build",), started_ns=0, seconds=1.0, status="done", actions=actions, cached={"z": "k"}
    )


def test_the_critical_path_is_the_chain_that_takes_longest() -> None:
    found = record(ran("a", 3), ran("b", 1, "a"), ran("c", 5), ran("d", 1.5, "b", "c"), ran("e", 2, "b"))
    assert [each.id for each in found.critical_path()] == ["c", "d"]
    assert record().critical_path() == ()
    skipped = RecordedAction(id="s", label="s", does="", status="skipped", after=("a",), seconds=9)
    assert [each.id for each in record(ran("a", 1), skipped).critical_path()] == ["a"]


@given(st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 5))), max_size=6))
def test_no_chain_takes_longer(drawn: list[tuple[int, set[int]]]) -> None:
    actions = [
        ran(str(n), seconds, *(str(m) for m in sorted(after) if m < n))
        for n, (seconds, after) in enumerate(drawn)
    ]
    path = record(*actions).critical_path()
    assert all(one.id in other.after for one, other in pairwise(path))
    chains = [
        chain
        for size in range(len(actions) + 1)
        for chain in combinations(actions, size)
        if all(one.id in other.after for one, other in pairwise(chain))
    ]
    assert sum(each.seconds for each in path) == max(sum(each.seconds for each in one) for one in chains)


def test_a_record_is_read_back_from_its_json() -> None:
    one = record(ran("a", 1), ran("b", 2, "a"))
    assert BuildRecord.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert (one.key_of("z"), one.key_of("a"), one.key_of("y")) == ("k", None, None)
