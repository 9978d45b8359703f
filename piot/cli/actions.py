"""``piot actions``."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

from piot.app.actions import ActionInput, ActionView, StartView, actions
from piot.cli.build import request_of
from piot.cli.invocation import Invocation
from piot.cli.notes import say_lacking, show_notes
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.model.report import configured


def run(invocation: Invocation, terminal: Terminal) -> int:
    """The actions on stdout: in words, as JSON, or as commands for a shell."""
    by_hand = invocation.on("sh")
    request = replace(request_of(invocation), dry_run=True, keep_sandbox=by_hand)
    found, lacking = actions(request, where(invocation), show_notes(terminal), by_hand=by_hand)
    if invocation.globals.json:
        content = {"schema": 1, "actions": [asdict(each) for each in found], "lacking": list(lacking)}
        write_data(sys.stdout, json.dumps(content) + "\n")
    else:
        lines = _commands if by_hand else _lines
        write_data(sys.stdout, "\n".join("".join(f"{line}\n" for line in lines(each)) for each in found))
    return say_lacking(lacking, terminal)


def _commands(each: ActionView) -> Iterator[str]:
    """Brackets, or the shell that it is pasted into would end with it."""
    if each.by_hand is None:
        yield f"# {_title(each)}: waits for {', '.join(each.waits_for)}"
    else:
        yield f"# {_title(each)}"
        yield f"({each.by_hand})"


def _title(each: ActionView) -> str:
    return f"{configured(each.label, each.triple)} {each.action}"


def _lines(each: ActionView) -> Iterator[str]:
    yield f"{_title(each)}: {'cached' if each.cached else f'would run: {each.reason}'}"
    yield f"  key: {each.key or 'waits for ' + ', '.join(each.waits_for)}"
    yield f"  sandbox: {each.sandbox}"
    yield f"  command: {shlex.join(each.argv)}"
    if each.timeout_seconds is not None:
        yield f"  time limit: {each.timeout_seconds} s"
    if each.starts_from is not None:
        yield f"  starts from: {_start(each.starts_from)}"
    pairs = (shlex.quote(f"{name}={value}") for name, value in each.environment.items())
    yield from _section("environment", pairs)
    yield from _section(
        "toolchain", (f"{tool.name}  {_tool(tool.version, tool.digest)}" for tool in each.tools)
    )
    yield from _section("inputs", map(_input, each.inputs))
    yield from _section("outputs", each.outputs)


def _start(each: StartView) -> str:
    state = "cached" if each.cached else f"would be made: {each.reason}"
    return f"{each.folder}, {each.action}: {state}" + (f"  {each.key}" if each.key else "")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield f"  {title}:"
        yield from (f"    {line}" for line in found)


def _tool(version: str, digest: str) -> str:
    return f"{version} ({' '.join(part[:12] for part in digest.split())})"


def _input(each: ActionInput) -> str:
    known = each.digest or "not known yet"
    of = "" if each.source in ("", each.path) or each.kind == "mount" else f"  ({each.source})"
    return f"{each.path}  {known}{' executable' if each.executable else ''}{of}"
