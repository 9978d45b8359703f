"""``piot explain``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace

from piot.app.explain import Explanation, explain
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.notes import say_lacking, show_notes
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
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
