"""Events as lines of JSON, and the schema that describes them."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import get_args

from piot.model import event_json, events
from tests.support.schema import problems

ROOT = Path(__file__).parent.parent.parent
SCHEMA = json.loads((ROOT / "docs/reference/schemas/events.schema.json").read_text(encoding="utf-8"))

SAMPLES: tuple[events.Event, ...] = (
    events.BuildStarted(total=3),
    events.ActionStarted(id="//:a#x", description="cargo build", mnemonic="cargo build", label="//:a"),
    events.ActionOutput(id="//:a#x", text="é\n"),
    events.ActionFinished(id="//:a#x", status="ran", output=b"\xff\n", key="0" * 64, needs=("//:b",)),
    events.ActionFinished(id="//:a#x", status="failed", log_path="/l.log"),
    events.Waiting(id="//:a#x", for_what="memory"),
    events.Note(text="n"),
    events.Warning(text="w"),
    events.FetchStarted(name="serde"),
    events.FetchProgress(name="serde", bytes=1),
    events.FetchFinished(name="serde", bytes=2, total=2),
)


def test_every_event_has_a_line_that_the_schema_describes() -> None:
    lines = [event_json.event_json(event, 1.23456789) for event in SAMPLES]
    assert [problems(line, SCHEMA, SCHEMA) for line in json.loads(json.dumps(lines))] == [[]] * len(lines)
    union = {kind for part in get_args(events.Event) for kind in (get_args(part) or (part,))}
    assert {type(event) for event in SAMPLES} == union == set(event_json.NAMES)


def test_the_schema_and_the_page_name_exactly_the_fields_of_each_event() -> None:
    page = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8")
    for kind, name in event_json.NAMES.items():
        names = {"event", "at", *(field.name for field in fields(kind))}
        assert set(SCHEMA["$defs"][name]["properties"]) == set(SCHEMA["$defs"][name]["required"]) == names
        assert f"`{name}`" in page
        assert [field for field in names if f"`{field}`" not in page] == []


def test_a_line_has_the_fields_of_its_event_as_they_are() -> None:
    assert event_json.event_json(SAMPLES[3], 1.23456789) == {
        "event": "action_finished",
        "at": 1.234568,
        "id": "//:a#x",
        "status": "ran",
        "seconds": 0.0,
        "reason": "",
        "log_path": None,
        "output": "�\n",
        "label": "",
        "description": "",
        "key": "0" * 64,
        "needs": ["//:b"],
        "start": None,
    }


def test_a_line_of_another_kind_or_without_a_field_does_not_fit() -> None:
    line = event_json.event_json(events.Note(text="n"), 0)
    for wrong in (
        {**line, "event": "nod"},
        {"event": "note", "at": 0},
        {**line, "text": 1},
        {**line, "at": -1},
    ):
        assert problems(wrong, SCHEMA, SCHEMA) == ["$: fits 0 of oneOf"]
