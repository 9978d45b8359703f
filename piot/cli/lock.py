"""``piot lock``."""

from __future__ import annotations

import json
import sys

from piot.app.lock import Change, lock
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints what changed, one tool a line, or one JSON object."""
    flags = invocation.globals
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        changes = lock(invocation.arguments, where(invocation), progress.emit)
    if flags.json:
        rows = [{"name": each.name, "old": each.old, "new": each.new} for each in changes]
        write_data(sys.stdout, json.dumps({"schema": 1, "changes": rows}) + "\n")
    else:
        write_data(sys.stdout, "".join(f"{_line(change)}\n" for change in changes))
    if not changes and not flags.quiet:
        terminal.write("piot.lock is as it was\n")
    return 0


def _line(change: Change) -> str:
    if change.old == change.new:
        return f"{change.name} {change.new}: other files"
    return f"{change.name} {change.old or '(not pinned)'} -> {change.new or '(not pinned)'}"
