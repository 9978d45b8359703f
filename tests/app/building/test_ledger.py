"""A build as it is told by its events."""

from __future__ import annotations

from piot.app.building.ledger import Ledger
from piot.model import events
from piot.model.build_record import BuildRecord, RecordedAction


def told(*story: events.Event) -> BuildRecord:
    """The record of events that come one second apart."""
    ledger = Ledger()
    for at, event in enumerate(story, start=1):
        ledger.hear(event, float(at))
    return ledger.record(("build",), 7, at=float(len(story) + 1), status="done", error=None)


def starts(name: str) -> events.ActionStarted:
    return events.ActionStarted(id=name, label=f"//:{name}", description=f"cc {name}")


def ends(name: str, *needs: str, status: events.ActionStatus = "ran") -> events.ActionFinished:
    return events.ActionFinished(id=name, label=f"//:{name}", status=status, needs=needs, key=name * 64)


def by_id(record: BuildRecord) -> dict[str, RecordedAction]:
    return {each.id: each for each in record.actions}


def test_lanes_are_taken_by_who_comes_and_given_back() -> None:
    found = by_id(told(starts("a"), starts("b"), ends("a"), starts("c"), ends("b"), ends("c")))
    assert {name: each.lane for name, each in found.items()} == {"a": 0, "b": 1, "c": 0}
    assert (found["c"].started, found["c"].ended, found["c"].does) == (4.0, 6.0, "cc c")


def test_what_ran_before_is_found_through_what_was_cached() -> None:
    story = (starts("a"), ends("a"), ends("b", "a", status="cached"), starts("c"), ends("c", "b"))
    record = told(*story)
    assert by_id(record)["c"].after == ("a",)
    assert record.cached == {"b": "b" * 64}


def test_what_still_runs_at_the_end_was_interrupted() -> None:
    record = told(events.BuildStarted(total=1), starts("a"))
    assert record.actions == (
        RecordedAction(
            id="a", label="//:a", does="cc a", status="interrupted", started=2.0, ended=3.0, seconds=1.0
        ),
    )
    assert (record.planned, record.acted, record.seconds) == (1.0, 3.0, 3.0)


def test_a_second_look_for_what_just_ran_does_not_make_it_cached() -> None:
    assert told(starts("a"), ends("a"), ends("a", status="cached")).actions[0].status == "ran"
    assert told(ends("a", status="cached"), starts("a"), ends("a")).cached == {}


def test_nothing_that_was_planned_takes_all_of_the_time() -> None:
    assert told(events.Note(text="x")) == BuildRecord(
        words=("build",), started_ns=7, seconds=2.0, status="done", planned=2.0, acted=2.0, cached={}
    )
