"""``piot log``."""

from __future__ import annotations

import json
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from piot.app.log import log, logs
from piot.cli.invocation import Invocation
from piot.cli.terminal import Terminal, write_data
from piot.cli.where import where
from piot.cli.words import duration, table
from piot.effects.clock import local_time
from piot.errors import UsageError
from piot.model.build_record import BuildRecord, RecordedAction

SLOWEST = 10
"""So many of the actions that ran are shown; ``--json`` has all."""

ENDINGS = {"done": "done", "failed": "failed", "interrupted": "interrupted", "error": "ended by an error"}


def run(invocation: Invocation, terminal: Terminal) -> int:  # noqa: ARG001 - every verb gets it
    """One build on stdout, or one a line with ``--list``."""
    place, number = where(invocation), _number(invocation)
    if invocation.on("list"):
        found = logs(place)
        as_json: object = {"schema": 1, "builds": [_json(each, record) for each, record in found]}
        text = _list(found)
    else:
        each, record = log(place, number)
        as_json = _json(each, record)
        text = "".join(f"{line}\n" for line in _lines(each, record))
    write_data(sys.stdout, json.dumps(as_json) + "\n" if invocation.globals.json else text)
    return 0


def _number(invocation: Invocation) -> int | None:
    if not invocation.arguments:
        return None
    word = invocation.arguments[0]
    if invocation.on("list"):
        raise UsageError(f'log --list does not take "{word}"', hint="see: piot help log")
    if not (word.isascii() and word.isdecimal()):
        raise UsageError(f'log: "{word}" is not the number of a build', hint="piot log --list shows them")
    return int(word)


def _json(number: int, record: BuildRecord) -> dict[str, object]:
    path = [each.id for each in record.critical_path()]
    return {**record.to_json(), "number": number, "critical_path": path}


def _list(found: Sequence[tuple[int, BuildRecord]]) -> str:
    rows = (
        (
            str(number),
            local_time(record.started_ns),
            duration(record.seconds),
            ENDINGS[record.status],
            _said(record),
        )
        for number, record in found
    )
    return table(("BUILD", "WHEN", "TIME", "ENDED", "COMMAND"), rows) or "no builds\n"


def _said(record: BuildRecord) -> str:
    return shlex.join(("piot", *record.words))


def _lines(number: int, record: BuildRecord) -> Iterator[str]:
    yield f"build {number}: {_said(record)}"
    when = f"{local_time(record.started_ns)}, {duration(record.seconds)}"
    yield f"{ENDINGS[record.status]}, {when}; actions: {_counts(record)}"
    yield from (f"error: {line}" for line in (record.error or "").split("\n")[:1] if line)
    failed = [each for each in record.actions if each.status == "failed"]
    yield from _section("failed", failed, _failure)
    yield from _section("interrupted", [e for e in record.actions if e.status == "interrupted"], _timed)
    ran = sorted((e for e in record.actions if e.status == "ran"), key=lambda each: -each.seconds)
    more = f", the slowest {SLOWEST}" if len(ran) > SLOWEST else ""
    yield from _section(f"ran{more}", ran[:SLOWEST], _timed)
    path = record.critical_path()
    took = duration(sum(each.seconds for each in path))
    yield from _section(f"critical path, {took}", path if len(path) > 1 else (), _timed)


def _counts(record: BuildRecord) -> str:
    number = Counter(each.status for each in record.actions)
    parts = [
        f"{number[status]} {status}"
        for status in ("ran", "failed", "interrupted", "skipped")
        if number[status]
    ]
    parts += [f"{len(record.cached)} from the store"] if record.cached else []
    return ", ".join(parts) or "none"


def _section(
    title: str, actions: Sequence[RecordedAction], line: Callable[[RecordedAction], str]
) -> Iterator[str]:
    if actions:
        yield f"{title}:"
        yield from (f"  {line(each)}" for each in actions)


def _timed(each: RecordedAction) -> str:
    first = each.reason.split("\n")[0]
    reason = f"  {first}" if first else ""
    return f"{duration(each.seconds):>7}  {each.id} {each.does}{reason}"


def _failure(each: RecordedAction) -> str:
    return _timed(each) + (f"\n           full log: {each.log}" if each.log else "")
