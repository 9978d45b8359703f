"""``piot run``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from piot.app.run import prepare
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.render import build_summary
from piot.cli.terminal import Terminal
from piot.cli.where import where
from piot.effects import process
from piot.effects.clock import stopwatch
from piot.errors import UsageError


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Builds with progress on stderr, then becomes the program; stdout is the program's alone."""
    flags = invocation.globals
    if flags.json:
        raise UsageError("run does not take --json", hint="stdout belongs to the program")
    place = replace(where(invocation), words=_words(invocation))
    request = replace(request_of(invocation), triples=("host",))
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        report, program = prepare(request, place, progress.emit)
    if program is None:
        terminal.write(build_summary(report, terminal.style))
        return report.exit_code
    folder = None if flags.directory is None else Path(place.directory)
    return process.become(program, invocation.rest, cwd=folder, env=place.environ)


def _words(invocation: Invocation) -> tuple[str, ...]:
    """Without those for the program, which are nobody's business and may be secrets."""
    words, rest = invocation.words, invocation.rest
    return words[: -len(rest) - 1] if rest else words
