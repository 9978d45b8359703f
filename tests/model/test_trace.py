"""Laws of traces: nothing overlaps in a lane, and every arrow begins and ends in an event."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from piot.model.build_record import BuildRecord, RecordedAction
from piot.model.trace import trace_of


@st.composite
def records(draw: st.DrawFn) -> BuildRecord:
    """Builds of a few lanes, each with one action after the other, that need what ended before them."""
    actions: list[RecordedAction] = []
    for lane in range(draw(st.integers(0, 3))):
        at = draw(st.floats(0, 1))
        for number in range(draw(st.integers(0, 4))):
            ended = at + draw(st.sampled_from([0.0, 1e-7, 4e-7, 1e-6, 0.5, 1.25]))
            earlier = [each.id for each in actions if each.ended <= at]
            after = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
            actions.append(
                RecordedAction(
                    id=f"{lane}-{number}",
                    label=f"//:{lane}",
                    does="x",
                    status=draw(st.sampled_from(["ran", "failed", "interrupted"])),
                    started=at,
                    ended=ended,
                    lane=lane,
                    after=tuple(after),
                )
            )
            at = ended
    actions.append(RecordedAction(id="s", label="//:s", does="x", status="skipped", after=("0-0",)))
    last = max(each.ended for each in actions)
    return BuildRecord(
        words=("build",),
        started_ns=0,
        seconds=last,
        status="done",
        acted=last,
        actions=tuple(actions),
        cached={},
    )


def loaded(record: BuildRecord) -> list[dict[str, Any]]:
    return list(json.loads(json.dumps(trace_of(record)))["traceEvents"])


@given(records())
def test_no_two_events_of_a_lane_overlap_and_every_action_that_ran_has_one(record: BuildRecord) -> None:
    spans = [event for event in loaded(record) if event["ph"] == "X"]
    for lane in {event["tid"] for event in spans}:
        own = sorted((each["ts"], each["ts"] + each["dur"]) for each in spans if each["tid"] == lane)
        assert all(begin < end for begin, end in own)
        assert all(before[1] <= after[0] for before, after in pairwise(own))
    ran = [each.id for each in record.actions if each.started is not None]
    assert sorted(event["args"]["id"] for event in spans if event["tid"]) == sorted(ran)


@given(records())
def test_every_flow_has_two_ends_each_in_an_event_and_goes_forward(record: BuildRecord) -> None:
    events = loaded(record)
    spans = [event for event in events if event["ph"] == "X" and event["tid"]]
    flows = [event for event in events if event["ph"] in "sf"]
    for end in flows:
        around = [
            each
            for each in spans
            if each["tid"] == end["tid"] and each["ts"] <= end["ts"] < each["ts"] + each["dur"]
        ]
        assert len(around) == 1
    ends = {number: [e for e in flows if e["id"] == number] for number in {e["id"] for e in flows}}
    for begin, end in ends.values():
        assert (begin["ph"], end["ph"], end["bp"]) == ("s", "f", "e")
        assert begin["ts"] < end["ts"]


@given(records())
def test_every_lane_has_a_name(record: BuildRecord) -> None:
    events = loaded(record)
    named = {event["tid"]: event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert {event["tid"] for event in events if event["ph"] != "M"} <= set(named)
    assert all(name == ("piot" if lane == 0 else f"slot {lane}") for lane, name in named.items())


def test_a_whole_trace() -> None:
    a = RecordedAction(id="//:a", label="//:a", does="cc", status="ran", started=0.1, ended=0.3, reason="r")
    b = RecordedAction(
        id="//:b", label="//:b", does="ld", status="failed", started=0.3, ended=0.5, key="k", after=("//:a",)
    )
    record = BuildRecord(
        words=("build", "//:b"),
        started_ns=0,
        seconds=0.6,
        status="failed",
        planned=0.1,
        acted=0.5,
        actions=(a, b),
        cached={},
    )

    def lane(ph: str, name: str, tid: int, ts: int, **more: object) -> dict[str, object]:
        return {"ph": ph, "name": name, "pid": 1, "tid": tid, "ts": ts, **more}

    assert trace_of(record) == {
        "traceEvents": [
            lane("M", "process_name", 0, 0, args={"name": "piot build //:b"}),
            lane("M", "thread_name", 0, 0, args={"name": "piot"}),
            lane("M", "thread_name", 1, 0, args={"name": "slot 1"}),
            lane("M", "thread_sort_index", 1, 0, args={"sort_index": 1}),
            lane("X", "plan and fetch", 0, 0, cat="phase", dur=100_000),
            lane("X", "actions", 0, 100_000, cat="phase", dur=400_000),
            lane("X", "deliver", 0, 500_000, cat="phase", dur=100_000),
            lane(
                *("X", "//:a cc", 1, 100_000),
                cat="action,ran",
                dur=200_000,
                args={"status": "ran", "reason": "r", "id": "//:a"},
            ),
            lane(
                *("X", "//:b ld", 1, 300_000),
                cat="action,failed",
                dur=200_000,
                args={"status": "failed", "key": "k", "id": "//:b"},
            ),
            lane("s", "needs", 1, 299_999, cat="needs", id=1),
            lane("f", "needs", 1, 300_000, cat="needs", id=1, bp="e"),
        ],
        "displayTimeUnit": "ms",
        "otherData": {"words": ["build", "//:b"]},
    }
