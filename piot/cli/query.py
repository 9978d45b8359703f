"""``piot query``."""

from __future__ import annotations

import sys

from piot.app.catalogs.ahead import begin
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.errors import UsageError


def run(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001 - every verb has this shape
    """Prints what the query chooses; ``--json`` is ``--output json``."""
    output = invocation.text("output") or "label"
    if invocation.globals.json and output not in ("label", "json"):
        raise UsageError(f"--json and --output {output} exclude each other", hint="see: piot help query")
    output = "json" if invocation.globals.json else output
    here = where(invocation)
    begun = begin(" ".join(invocation.arguments), here)
    from piot.app.query import query  # while git works

    write_data(sys.stdout, query(invocation.arguments, here, output, begun))
    return 0
