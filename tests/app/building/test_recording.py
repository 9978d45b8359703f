"""What ``--events``, ``--trace`` and the records of builds hold after builds of every ending."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from piot.errors import InputError, MachineError
from piot.run.builds import Builds
from tests.model.test_event_json import SCHEMA
from tests.support.checkout import Checkout, MakeCheckout, command
from tests.support.schema import problems

BUILD = (
    command("a", "cp in a; echo said", srcs=["in"], outputs=("a",))
    + command("b", "exit 3", outputs=("b",), deps=[":a"])
    + command("c", "cp deps/c c || :", outputs=("c",), deps=[":b"])
)


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("in", "1")
    return made


def lines(path: Path) -> list[dict[str, Any]]:
    """Every line, each of which fits the schema."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [each for line in found for each in problems(line, SCHEMA, SCHEMA)] == []
    return found


def test_events_are_those_that_are_shown_between_invocation_and_end(checkout: Checkout) -> None:
    file = checkout.root / "ev"
    run = checkout.build(events=file)
    first, *between, last = lines(file)
    assert (first["event"], first["schema"], first["directory"]) == ("invocation", 1, str(checkout.root))
    assert [line["event"] for line in between].count("action_finished") == 3
    assert len(between) == len(run.said)
    finished = {line["label"]: line for line in between if line["event"] == "action_finished"}
    assert {name: line["status"] for name, line in finished.items()} == {
        "//:a": "ran",
        "//:b": "failed",
        "//:c": "skipped",
    }
    assert finished["//:a"]["output"] == "said\n"
    assert finished["//:b"]["needs"] == [finished["//:a"]["id"]]
    assert (last["event"], last["status"], last["error"]) == ("ended", "failed", None)
    assert last["report"] == run.report.to_json()
    times = [line["at"] for line in (first, *between, last)]
    assert times == sorted(times)


def test_an_error_before_the_build_ends_the_file_too_and_is_no_build(checkout: Checkout) -> None:
    checkout.write("BUILD", "command(\n")
    file = checkout.root / "ev"
    with pytest.raises(InputError) as raised:
        checkout.build(events=file)
    first, last = lines(file)
    assert (first["event"], last["status"], last["error"]) == ("invocation", "error", str(raised.value))
    assert Builds(checkout.root / ".piot/builds").numbers() == ()


def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(checkout: Checkout) -> None:
    for option in ("events", "trace"):
        place = checkout.root / "in" / "x"
        with pytest.raises(MachineError):
            checkout.build(**{option: place})
    assert not (checkout.root / ".piot").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_disk_that_fills_up_costs_the_events_and_not_the_build(checkout: Checkout) -> None:
    run = checkout.build("//:a", events=Path("/dev/full"))
    assert run.report.ok
    said = "cannot write /dev/full: No space left on device; the build goes on without it"
    assert run.texts == [said]


def test_a_dry_run_is_no_build(checkout: Checkout) -> None:
    checkout.build("//:a", dry_run=True)
    assert Builds(checkout.root / ".piot/builds").last() is None


def test_the_record_says_what_ran_after_what_and_what_was_found(checkout: Checkout) -> None:
    checkout.build(keep_going=True)
    checkout.build("//:a")
    builds = Builds(checkout.root / ".piot/builds")
    assert builds.numbers() == (1, 2)
    first, second = builds.read(1), builds.read(2)
    assert first is not None and second is not None
    a, b, c = first.actions
    assert [(each.label, each.status) for each in first.actions] == [
        ("//:a", "ran"),
        ("//:b", "failed"),
        ("//:c", "skipped"),
    ]
    assert (a.reason, b.reason, c.reason) == (
        "not built here before",
        "ended with exit code 3",
        "//:b failed",
    )
    assert (b.after, c.started) == ((a.id,), None)
    assert (first.status, second.status, second.actions) == ("failed", "done", ())
    assert second.cached == {a.id: a.key}
    assert first.key_of(a.id) == second.key_of(a.id) == a.key


def test_the_trace_of_a_real_build_opens_with_its_actions_in_it(checkout: Checkout) -> None:
    file = checkout.root / "t.json"
    checkout.build(trace=file)
    events = json.loads(file.read_text())["traceEvents"]
    names = [event["name"] for event in events if event["ph"] == "X"]
    assert sorted(names) == [
        "//:a command sh",
        "//:b command sh",
        "actions",
        "deliver",
        "plan and fetch",
    ]
    assert [event["ph"] for event in events if event["name"] == "needs"] == ["s", "f"]


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
def test_ctrl_c_leaves_whole_files(checkout: Checkout) -> None:
    checkout.write("BUILD", command("slow", "sleep 60", outputs=("x",)))
    events, trace = checkout.root / "ev", checkout.root / "t.json"
    process = checkout.start("build", "//:slow", "--events", str(events), "--trace", str(trace))
    while process.poll() is None and not (events.exists() and "action_started" in events.read_text()):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert [line["event"] for line in lines(events)][-1] == "ended"
    assert lines(events)[-1]["status"] == "interrupted"
    spans = [
        each for each in json.loads(trace.read_text())["traceEvents"] if each.get("cat", "")[:6] == "action"
    ]
    assert [(each["name"], each["args"]["status"]) for each in spans] == [
        ("//:slow command sh", "interrupted")
    ]
    last = Builds(checkout.root / ".piot/builds").last()
    assert last is not None and last[1].status == "interrupted"
    assert last[1].words[:2] == ("-C", str(checkout.root))
