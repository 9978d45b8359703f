"""``piot fetch``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from piot.app.fetch import fetch
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.notes import say_lacking
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Says on stderr how much was fetched and how much was there already, or prints one JSON object."""
    flags = invocation.globals
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        done = fetch(request_of(invocation), where(invocation), progress.emit)
    if flags.json:
        write_data(sys.stdout, json.dumps({"schema": 1, **asdict(done)}) + "\n")
    if not flags.quiet:
        before = done.needed - done.fetched
        terminal.write(f"fetched {done.fetched} of {done.needed}; {before} were there already\n")
    return say_lacking(done.lacking, terminal)
