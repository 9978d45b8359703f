"""``piot launcher``."""

from __future__ import annotations

import sys

from piot.app.launcher import launcher_for
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints the module, or writes it, and says what pyproject.toml needs."""
    (name,) = invocation.arguments
    write = invocation.on("write")
    made = launcher_for(name, where(invocation), write=write)
    if not write:
        write_data(sys.stdout, made.text)
    if not invocation.globals.quiet:
        said = f"wrote {made.path}" if write else f"it belongs into {made.path}"
        terminal.write(f"{said}\nin {made.manifest}:\n    [project.scripts]\n    {made.script}\n")
    return 0
