"""``piot init``."""

from __future__ import annotations

import json
import sys

from piot.app.init import Init, Proposal, init
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where

WORDS = {"new": "wrote", "same": "as it was", "replaced": "replaced", "kept": "kept, and differs"}
PLANS = {"new": "would write", "same": "as it was", "replaced": "would replace", "kept": "would keep"}


def run(invocation: Invocation, terminal: Terminal) -> int:
    """Writes the files, unless it shall only say what it would; ends with what is left to people."""
    found = init(where(invocation), invocation.text("action"), invocation.text("launcher"))
    quiet = invocation.globals.quiet
    if not quiet:
        _warn(found, terminal)
    yes, dry = invocation.on("yes"), invocation.on("dry_run")
    if dry:
        done = {each.path: _planned(each, yes=yes) for each in found.proposals}
    else:
        asks = not yes and not invocation.globals.json and sys.stdin.isatty() and terminal.stream.isatty()
        done = found.write(lambda each: yes or (asks and _agrees(each, terminal)))
    if invocation.globals.json:
        write_data(sys.stdout, json.dumps(_data(found, done)) + "\n")
    elif dry:
        write_data(sys.stdout, "".join(each.diff for each in found.proposals))
        _say(done, {} if quiet else PLANS, terminal)
    else:
        _show_kept(found, done)
        _say(done, {} if quiet else WORDS, terminal)
        write_data(sys.stdout, _left_to_people(found))
    return 0


def _planned(each: Proposal, *, yes: bool) -> str:
    if each.before is None:
        return "new"
    return "same" if not each.differs else "replaced" if yes else "kept"


def _agrees(each: Proposal, terminal: Terminal) -> bool:
    """Asks, with the difference before the question."""
    write_data(sys.stdout, each.diff)
    terminal.write(f"replace {each.path}? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _warn(found: Init, terminal: Terminal) -> None:
    for problem in found.problems:
        terminal.write(f"warning: {problem}\n")
    for each in found.left_out:
        terminal.write(f"left out: {each.name} ({each.path}): {each.reason}\n")
    for text in found.unknown:
        terminal.write(f"not in putitoutthere.toml:\n\n{text}\n")


def _show_kept(found: Init, done: dict[str, str]) -> None:
    kept = [each for each in found.proposals if done[each.path] == "kept"]
    write_data(sys.stdout, "".join(each.diff for each in kept))


def _say(done: dict[str, str], words: dict[str, str], terminal: Terminal) -> None:
    width = max(map(len, done))
    for path, state in done.items() if words else ():
        terminal.write(f"{path.ljust(width)}  {words[state]}\n")
    if "kept" in done.values():
        terminal.write("\nhint: --yes replaces files that differ\n")


def _left_to_people(found: Init) -> str:
    """What only people can do, numbered."""
    parts = [
        f"\n{number}. {step.title}\n" + "".join(f"   {line}\n" for line in step.lines)
        for number, step in enumerate(found.steps, start=1)
    ]
    return "\nOnce, by hand:\n" + "".join(parts)


def _data(found: Init, done: dict[str, str]) -> dict[str, object]:
    return {
        "schema": 1,
        "files": [
            {"path": each.path, "status": done[each.path], "diff": each.diff} for each in found.proposals
        ],
        "packages": [
            {"name": each.name, "kind": each.kind, "path": each.path, "registered": each.registry_name}
            for each in found.packages
        ],
        "left_out": [
            {"path": each.path, "name": each.name, "reason": each.reason} for each in found.left_out
        ],
        "unknown": list(found.unknown),
        "by_hand": [{"title": step.title, "lines": list(step.lines)} for step in found.steps],
    }
