"""``piot plan``."""

from __future__ import annotations

import json
import sys

from piot.app.release_plan import PlanRequest, planned
from piot.cli.invocation import Invocation
from piot.cli.plan_view import findings_text, plan_json, plan_text
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints what would be released on stdout, and what was noticed on stderr."""
    flags = invocation.globals
    plan = planned(request_of(invocation), where(invocation))
    if not flags.quiet:
        terminal.write(findings_text(plan.findings, terminal.style))
    text = json.dumps(plan_json(plan)) + "\n" if flags.json else plan_text(plan, verbose=flags.verbose)
    write_data(sys.stdout, text)
    return 0


def request_of(invocation: Invocation) -> PlanRequest:
    """The request of a command line that plans releases."""
    return PlanRequest(
        patterns=invocation.arguments,
        bump=invocation.text("bump") or "",
        base=invocation.text("base"),
        adopt=invocation.on("adopt"),
    )
