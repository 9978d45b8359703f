"""``piot plan``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from piot.app.plan import MatrixRequest, planned
from piot.app.releasing.release_plan import PlanRequest
from piot.cli.findings import findings_text
from piot.cli.invocation import Invocation
from piot.cli.notes import show_notes
from piot.cli.plan_view import plan_json, plan_text
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.appending import append
from piot.errors import UsageError


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints what would be released on stdout, and what was noticed on stderr."""
    flags = invocation.globals
    into = _output_file(invocation)
    found = planned(request_of(invocation), _matrix_of(invocation), where(invocation), show_notes(terminal))
    if not flags.quiet:
        terminal.write(findings_text(found.findings, terminal.style))
    if into is not None:
        append(into, found.github_output)
    text = json.dumps(plan_json(found)) + "\n" if flags.json else plan_text(found, verbose=flags.verbose)
    write_data(sys.stdout, text)
    return 0


def _matrix_of(invocation: Invocation) -> MatrixRequest:
    named = invocation.text("artifacts")
    return MatrixRequest(
        grouped=invocation.text("rows") == "runner",
        keys=invocation.on("keys"),
        exact=invocation.globals.json or invocation.on("github_output"),
        artifacts=None if named is None else Path.cwd() / named,
    )


def _output_file(invocation: Invocation) -> Path | None:
    """Where outputs of a step go; raises UsageError outside of one."""
    if not invocation.on("github_output"):
        return None
    named = where(invocation).environ.get("GITHUB_OUTPUT")
    if not named:
        raise UsageError(
            "--github-output is for steps of GitHub Actions: GITHUB_OUTPUT names no file",
            hint="piot plan --json prints the same, and more",
        )
    return Path(named)


def request_of(invocation: Invocation) -> PlanRequest:
    """The request of a command line that plans releases."""
    return PlanRequest(
        patterns=invocation.arguments,
        bump=invocation.text("bump") or "",
        base=invocation.text("base"),
        tag=invocation.text("tag"),
        adopt=invocation.on("adopt"),
    )
