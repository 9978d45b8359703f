"""``piot toolchains``."""

from __future__ import annotations

import json
import sys

from piot.app.machine.toolchain_rows import Row, Tool
from piot.app.toolchains import toolchains
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.render import toolchains_text
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints a table, or one JSON object; a platform that cannot be built for is no error."""
    flags = invocation.globals
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        rows = toolchains(where(invocation), progress.emit)
    if flags.json:
        text = json.dumps({"schema": 1, "toolchains": [_json(row) for row in rows]}) + "\n"
    else:
        text = toolchains_text(_cells(row) for row in rows)
    write_data(sys.stdout, text)
    return 0


def _cells(row: Row) -> tuple[str, str, str]:
    triple = f"{row.triple} (host)" if row.host else row.triple.text
    if row.rustc is None:
        return triple, "none", "\n".join(str(lack) for lack in row.lacks)
    floor = f", glibc {row.glibc}" if row.glibc else ""
    return triple, f"{row.linker}{floor}", "\n".join(_tool(tool) for tool in (row.rustc, *row.tools))


def _tool(tool: Tool) -> str:
    version = tool.version if tool.version.startswith(tool.name) else f"{tool.name} {tool.version}"
    return f"{version} ({tool.path or 'fetched'})"


def _json(row: Row) -> dict[str, object]:
    return {
        "triple": row.triple.text,
        "host": row.host,
        "rustc": None if row.rustc is None else _tool_json(row.rustc),
        "linker": row.linker,
        "tools": [_tool_json(tool) for tool in row.tools],
        "glibc": row.glibc,
        "lacks": [
            {"candidate": lack.candidate, "reason": lack.reason, "remedy": lack.remedy} for lack in row.lacks
        ],
    }


def _tool_json(tool: Tool) -> dict[str, object]:
    return {"name": tool.name, "version": tool.version, "path": tool.path}
