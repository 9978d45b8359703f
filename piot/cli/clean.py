"""``piot clean``."""

from __future__ import annotations

import json
import sys

from piot.app.clean import Cleaned, clean
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Says on stderr what was removed and what was kept, or prints one JSON object."""
    done = clean(where(invocation))
    if invocation.globals.json:
        data = {"schema": 1, "removed": done.removed, "kept": done.kept}
        write_data(sys.stdout, json.dumps(data) + "\n")
    if not invocation.globals.quiet:
        terminal.write("".join(f"{line}\n" for line in _lines(done)))
    return 0


def _lines(done: Cleaned) -> list[str]:
    return [
        *(f"removed {path}" for path in done.removed),
        *(f"kept {path}, which piot did not make" for path in done.kept),
    ] or ["nothing to remove"]
