"""``piot fetch``."""

from __future__ import annotations

from piot.app.fetch import fetch
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal
from piot.cli.where import where
from piot.effects.clock import stopwatch


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Says on stderr how much was fetched and how much was there already."""
    flags = invocation.globals
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        needed, missing = fetch(request_of(invocation), where(invocation), progress.emit)
    if not flags.quiet:
        terminal.write(f"fetched {missing} of {needed}; {needed - missing} were there already\n")
    return 0
