"""``piot bump``."""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Iterable

from piot.app.bump import Bumped, BumpRequest, Edit, bump
from piot.cli.invocation import Invocation
from piot.cli.progress import progress_on
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.effects.clock import stopwatch

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""Lines as git counts them: only a newline ends one."""


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Prints the files that were written, one a line; with ``--dry-run`` a patch that git can apply."""
    flags = invocation.globals
    request = BumpRequest(
        patterns=invocation.arguments,
        bump=invocation.text("bump") or "",
        dry_run=invocation.on("dry_run"),
    )
    with progress_on(terminal, stopwatch, quiet=flags.quiet, verbose=flags.verbose) as progress:
        done = bump(request, where(invocation), progress.emit)
    if flags.json:
        write_data(sys.stdout, json.dumps(bumped_json(done)) + "\n")
        return 0
    if not flags.quiet:
        terminal.write(summary(done))
    write_data(sys.stdout, patch(done.edits) if request.dry_run else _paths(done.edits))
    return 0


def summary(done: Bumped) -> str:
    """What gets which version, or that nothing does."""
    rows = [f"{each.name} {each.previous or 'new'} -> {each.version}" for each in done.plan.packages]
    notes = [f"{each.severity}: {each.message}" for each in done.plan.findings if each.severity != "note"]
    if not rows:
        rows = ["nothing to bump: nothing changed since the last releases"]
    elif not done.edits:
        rows.append("all of it is written already")
    return "".join(f"{line}\n" for line in (*notes, *rows))


def _paths(edits: Iterable[Edit]) -> str:
    return "".join(f"{edit.path}\n" for edit in edits)


def patch(edits: Iterable[Edit]) -> str:
    """All edits in git's form of a unified diff (git-diff(1), *Generating patch text*)."""
    return "".join(map(_patch, edits))


def _patch(edit: Edit) -> str:
    before, after = (_LINE.findall(text or "") for text in (edit.before, edit.after))
    old = "/dev/null" if edit.before is None else f"a/{edit.path}"
    lines = difflib.unified_diff(before, after, old, f"b/{edit.path}")
    head = f"diff --git a/{edit.path} b/{edit.path}\n" + ("new file mode 100644\n" * (edit.before is None))
    unfinished = "\n\\ No newline at end of file\n"
    return head + "".join(line if line.endswith("\n") else line + unfinished for line in lines)


def bumped_json(done: Bumped) -> dict[str, object]:
    """The object of ``bump --json``."""
    return {
        "schema": 1,
        "packages": [
            {"name": each.name, "previous": each.previous, "version": each.version, "bump": each.bump}
            for each in done.plan.packages
        ],
        "files": [{"path": edit.path, "new": edit.before is None} for edit in done.edits],
    }
