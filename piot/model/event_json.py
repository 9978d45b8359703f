"""Events as JSON objects: the lines of ``piot build --events`` (docs/reference/events.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import cast

from piot.model import events

SCHEMA = 1
"""Raised when a field changes its meaning or goes away; new fields and events do not raise it."""

NAMES: Mapping[type[events.Event], str] = {
    events.BuildStarted: "build_started",
    events.ActionStarted: "action_started",
    events.ActionOutput: "action_output",
    events.ActionFinished: "action_finished",
    events.Waiting: "waiting",
    events.Note: "note",
    events.Warning: "warning",
    events.FetchStarted: "fetch_started",
    events.FetchProgress: "fetch_progress",
    events.FetchFinished: "fetch_finished",
}


def event_json(event: events.Event, at: float) -> dict[str, object]:
    """The event's name, ``at`` in seconds since the invocation, and its fields under their own names.

    Output is text: what is not UTF-8 in it is replaced.
    """
    line: dict[str, object] = {"event": NAMES[type(event)], "at": round(at, 6)}
    return line | {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def invocation_json(*, version: str, words: Sequence[str], directory: str, started: str) -> dict[str, object]:
    """The first line: the schema, who writes, and what was asked for; ``started`` is RFC 3339 in UTC."""
    return {
        "event": "invocation",
        "at": 0.0,
        "schema": SCHEMA,
        "piot": version,
        "words": list(words),
        "directory": directory,
        "started": started,
    }


def ended_json(at: float, *, status: str, error: str | None, report: object) -> dict[str, object]:
    """The last line: how it ended, and the report of the build where it came that far."""
    return {"event": "ended", "at": round(at, 6), "status": status, "error": error, "report": report}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value
