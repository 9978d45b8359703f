"""``piot develop``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

from piot.app.develop import Installed, develop
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.render import build_summary
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Says on stderr what was installed where, or prints one JSON object."""
    flags = invocation.globals
    request = replace(request_of(invocation), triples=("host",))
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        report, installed = develop(request, where(invocation), progress.emit)
    if not report.ok:
        terminal.write(build_summary(report, terminal.style))
    if flags.json:
        write_data(
            sys.stdout, json.dumps({**report.to_json(), "installed": list(map(_json, installed))}) + "\n"
        )
    if not flags.quiet:
        terminal.write("".join(f"{terminal.style.tick} {_line(each)}\n" for each in installed))
    return report.exit_code


def _line(each: Installed) -> str:
    what = f"{each.name} {each.version}"
    used = f"; Python sources are used from {each.sources}" if each.sources else ""
    return (
        f"installed {what} into {each.environment}{used}"
        if each.changed
        else (f"{what} is in {each.environment} already{used}")
    )


def _json(each: Installed) -> dict[str, object]:
    return {
        "label": str(each.label),
        "name": each.name,
        "version": each.version,
        "environment": each.environment,
        "sources": each.sources,
        "changed": each.changed,
    }
