"""What GitHub Actions reads: workflow commands in the log, and the summary page of a step; pure.

Commands and their escapes: "Workflow commands for GitHub Actions" in GitHub's documentation, and
packages/core/src/command.ts in actions/toolkit. The runner looks for them in stderr too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from piot.cli.render import counts_text
from piot.cli.words import clean, counted, duration
from piot.errors import PiotError, Problem, Problems
from piot.model.finding import Finding, Severity
from piot.model.report import BuildReport, TargetReport

MOST_ANNOTATIONS = 10
"""GitHub shows ten errors of a step and drops the rest."""

MOST_ROWS = 200
"""A summary of 1 MiB or more is refused as a whole."""

MOST_LETTERS = 400

_PLACE = re.compile(r"^\s*--> ([^\s:]+):(\d+):(\d+)\s*$", re.M)
"""Where rustc says an error is."""

_ORDER = ("failed", "skipped", "built", "cached")
_MARKS = {"failed": "❌ failed", "skipped": "➖ not built", "built": "✅ built", "cached": "✅ cached"}


def escaped(text: str) -> str:
    """The message of a command on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped_property(text: str) -> str:
    """A property of a command, which ends at a comma or a colon."""
    return escaped(text).replace(":", "%3A").replace(",", "%2C")


def command(name: str, message: str = "", properties: Mapping[str, str] | None = None) -> str:
    """``::error file=a.rs,line=3::message``."""
    pairs = ",".join(f"{key}={escaped_property(value)}" for key, value in (properties or {}).items())
    return f"::{name}{' ' if pairs else ''}{pairs}::{escaped(message)}"


def fenced(lines: Sequence[str], token: str) -> list[str]:
    """Somebody's output, in which the runner sees no commands; ``token`` is one that it cannot guess."""
    return [command("stop-commands", token), *lines, f"::{token}::"] if lines else []


def grouped(title: str, lines: Sequence[str]) -> list[str]:
    """Lines that can be unfolded under a title."""
    return [command("group", title), *lines, command("endgroup")]


def place_in(log: str) -> tuple[str, str, str] | None:
    """File, line and column of the first error that a compiler places, relative to where it ran."""
    found = _PLACE.search(clean(log, color=False))
    return None if found is None else (found[1], found[2], found[3])


def target_annotation(target: TargetReport, place: tuple[str, str, str] | None) -> str:
    """A failed target as an error, at ``place`` where that is known to be a file of the checkout."""
    properties = dict(zip(("file", "line", "col"), place or (), strict=False))
    return command("error", target.error or target.reason, properties | {"title": f"{target} failed"})


def error_annotations(error: PiotError) -> list[str]:
    """The error that ended a run; each problem of a file at its place."""
    if isinstance(error, Problems):
        return [_problem(each) for each in error.problems[:MOST_ANNOTATIONS]]
    return [command("error", str(error), {"title": "piot"})]


def _problem(problem: Problem) -> str:
    place = {"line": str(problem.line), "col": str(problem.column)} if problem.line else {}
    hint = f"\n\nhint: {problem.hint}" if problem.hint else ""
    return command("error", problem.message + hint, {"file": problem.path} | place | {"title": problem.code})


def finding_annotations(found: Sequence[Finding]) -> list[str]:
    """Findings at their places; GitHub shows ten of each severity."""
    lines: list[str] = []
    for severity, name in _LEVELS.items():
        rows = [each for each in found if each.severity == severity]
        lines += map(partial(_finding, name), rows[:MOST_ANNOTATIONS])
    return lines


_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def _finding(name: str, finding: Finding) -> str:
    place = {"line": str(finding.line), "col": str(finding.column)} if finding.line else {}
    file = {"file": finding.path} if finding.path else {}
    hint = f"\n\nhint: {finding.fix}" if finding.fix else ""
    return command(name, finding.message + hint, file | place | {"title": finding.code})


def step_summary(words: Sequence[str], report: BuildReport) -> str:
    """A heading, a table of the targets, worst first, and the counts, as Markdown."""
    rows = [*report.targets, *(blocked.as_target() for blocked in report.blocked)]
    rows.sort(key=lambda target: _ORDER.index(target.status))
    lines = [f"### {_code(' '.join(('piot', *words)))}", ""]
    if rows:
        lines += ["| target | result | time | why |", "|---|---|---|---|", *_rows(rows)]
        lines += [f"\nand {counted(len(rows) - MOST_ROWS, 'target')} more"] if len(rows) > MOST_ROWS else []
        lines += [""]
    return "\n".join([*lines, counts_text(report), "", ""])


def _rows(targets: Iterable[TargetReport]) -> list[str]:
    return [
        f"| {_code(str(target))} | {_MARKS[target.status]} | {_time(target)} | {_cell(_why(target))} |"
        for target in list(targets)[:MOST_ROWS]
    ]


def _time(target: TargetReport) -> str:
    return duration(target.seconds) if target.status in ("built", "failed") else ""


def _why(target: TargetReport) -> str:
    return (target.error or target.reason).strip().split("\n")[0]


def _code(text: str) -> str:
    """A code span in a table: nothing in it ends it, and a bar does not end the cell."""
    return f"`{_line(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _cell(text: str) -> str:
    """Text as it is: Markdown's own characters stand for themselves."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", _line(text).replace("&", "&amp;"))


def _line(text: str) -> str:
    shown = " ".join(clean(text, color=False).split())
    return shown if len(shown) <= MOST_LETTERS else f"{shown[:MOST_LETTERS]}…"
