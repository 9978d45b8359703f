"""``piot query``."""

from __future__ import annotations

import sys

from piot.app.query import query
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.model.target import Target, TargetGraph


def run(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001 - every verb has this shape
    """Prints the labels, one a line, or one JSON object."""
    targets, graph = query(invocation.arguments, where(invocation))
    if invocation.globals.json:
        write_data(sys.stdout, targets_json(targets, graph))
    else:
        write_data(sys.stdout, "".join(f"{target.label}\n" for target in targets))
    return 0


def targets_json(targets: tuple[Target, ...], graph: TargetGraph) -> str:
    """``{"schema": 1, "targets": [{"label", "kind", "package"?, "deps", "location"}]}`` in a line."""
    import json

    rows = [
        {
            "label": str(target.label),
            "kind": graph.rules[target.rule].name,
            **({"package": target.package} if target.package else {}),
            "deps": [str(label) for label in graph.deps(target.label)],
            "location": target.location,
        }
        for target in targets
    ]
    return json.dumps({"schema": 1, "targets": rows}) + "\n"
