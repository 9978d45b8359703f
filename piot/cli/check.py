"""``piot check``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from piot.app.check import check
from piot.cli.cache import FINDINGS
from piot.cli.findings import findings_json, findings_text, summary
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.model.finding import Finding


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints the findings, or one JSON object; errors among them are exit 7, warnings with ``--strict``."""
    found = check(where(invocation))
    bad = {"error", "warning"} if invocation.on("strict") else {"error"}
    failed = any(each.severity in bad for each in found)
    if invocation.globals.json:
        text = json.dumps({"schema": 1, "ok": not failed, "findings": findings_json(found)}) + "\n"
        write_data(sys.stdout, text)
    else:
        write_data(sys.stdout, findings_text(found))
        if not invocation.globals.quiet:
            terminal.write(f"{summary(found) or 'no findings'}\n")
    _annotate(found, terminal)
    return FINDINGS if failed else 0


def _annotate(found: Sequence[Finding], terminal: Terminal) -> None:
    if terminal.github:
        from piot.cli.github import finding_annotations

        terminal.write("".join(f"{line}\n" for line in finding_annotations(found)))
