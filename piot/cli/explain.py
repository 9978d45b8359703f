"""``piot explain``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from piot.app.explain import Explanation, explain
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.errors import MachineError
from piot.model import events
from piot.model.report import configured


def run(invocation: Invocation, terminal: Terminal) -> int:
    """One line per action on stdout: cached, or would run because of what."""
    request = replace(request_of(invocation), dry_run=True)
    since = invocation.number("since")
    found, lacking = explain(request, where(invocation), show_notes(terminal), since=since)
    if invocation.globals.json:
        content = {"schema": 1, "actions": [asdict(each) for each in found], "lacking": list(lacking)}
        write_data(sys.stdout, json.dumps(content) + "\n")
    else:
        write_data(sys.stdout, "".join(f"{_line(each)}\n" for each in found))
    return say_lacking(lacking, terminal)


def _line(each: Explanation) -> str:
    said = each.since or ("cached" if each.cached else f"would run: {each.reason}")
    return f"{configured(each.label, each.triple)}  {each.action}: {said}"


def say_lacking(lacking: Sequence[str], terminal: Terminal) -> int:
    """Says what cannot be built here; gives the exit code."""
    terminal.write("".join(f"cannot be built here: {line}\n" for line in lacking))
    return MachineError.exit_code if lacking else 0


def show_notes(terminal: Terminal) -> events.Emit:
    """Shows notes and warnings and nothing else, for verbs that run nothing."""

    def emit(event: events.Event) -> None:
        if isinstance(event, events.Note | events.Warning):
            terminal.write(f"note: {event.text}\n")

    return emit
