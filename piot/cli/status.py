"""``piot status``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from piot.app.status import status
from piot.cli.approvals import approval
from piot.cli.cache import FINDINGS
from piot.cli.invocation import Invocation
from piot.cli.observed import observed_json, observed_text
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.cli.words import table
from piot.effects.clock import stopwatch
from piot.model.npm.stage import StagedVersion
from piot.model.release.state import PackageState

_HEADER = ("package", "tag", "registry", "state")


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints a row per package, or one JSON object; with ``--check`` drift ends with 7."""
    flags, named = invocation.globals, invocation.text("artifacts")
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        states = status(
            where(invocation),
            progress.emit,
            chosen=invocation.text("registry"),
            dist=None if named is None else Path.cwd() / named,
        )
    if flags.json:
        text = json.dumps({"schema": 1, "packages": [_json(state) for state in states]}) + "\n"
    else:
        text = table(_HEADER, [_cells(state) for state in states])
    write_data(sys.stdout, text)
    return FINDINGS if invocation.on("check") and any(state.drift for state in states) else 0


def _cells(state: PackageState) -> tuple[str, str, str, str]:
    lines = [state.state, *([state.detail] if state.detail else [])]
    lines += [observed_text(each) for each in state.artifacts if each.state != "same"]
    lines += [approval(each.name, each.version, each.id, each.registry) for each in state.staged or ()]
    place = f" ({state.place})" if state.place else ""
    return state.package, state.tag or "none", f"{state.registry or 'none'}{place}", "\n  ".join(lines)


def _json(state: PackageState) -> dict[str, object]:
    """The names of the first eight fields are those that putitoutthere has for them."""
    return {
        "package": state.package,
        "kind": state.kind,
        "tag": state.tag,
        "tagVersion": state.tag_version,
        "registry": state.registry,
        "registryUnreachable": state.state == "registry unreachable",
        "state": state.state,
        "drift": state.drift,
        "place": state.place,
        "detail": state.detail,
        "artifacts": [observed_json(each) for each in state.artifacts],
        "staged": None if state.staged is None else [_staged_json(each) for each in state.staged],
    }


def _staged_json(waiting: StagedVersion) -> dict[str, object]:
    return {
        "name": waiting.name,
        "version": waiting.version,
        "stage": waiting.id,
        "registry": waiting.registry,
    }
