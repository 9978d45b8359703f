"""The words after the work: summary of a build, paths of its results, JSON, tables."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from piot.cli.terminal import Style
from piot.cli.words import counted, duration, table
from piot.errors import listed
from piot.model.report import Blocked, BuildReport, TargetReport, TargetStatus


def build_json(report: BuildReport) -> str:
    """The object of ``build --json`` as one line of ASCII."""
    import json

    return json.dumps(report.to_json()) + "\n"


def output_paths(report: BuildReport, root: Path, cwd: Path) -> str:
    """The files that were built or restored, one a line, relative to the current folder.

    ``root`` is the repository's folder; both are absolute. On another drive than the current folder
    (Windows) paths are absolute.
    """
    paths = (output.path for target in report.targets for output in target.outputs)
    return "".join(f"{_relative(root / path, cwd)}\n" for path in dict.fromkeys(paths))


def _relative(path: Path, cwd: Path) -> str:
    try:
        return os.path.relpath(path, cwd)
    except ValueError:
        return str(path)


def build_summary(report: BuildReport, style: Style) -> str:
    """What matters at the end: failures with the way on, what was left out, notes, then the counts."""
    failed = [target for target in report.targets if target.status == "failed"]
    blocks = [
        *(_failure(target, style) for target in failed),
        *_skipped(report.targets, style),
        *(_blocked(blocked, style) for blocked in report.blocked),
        *([f"note: {note}"] for note in report.notes),
        [_counts(report, style)],
    ]
    return "".join(f"{line}\n" for block in blocks for line in block)


def _failure(target: TargetReport, style: Style) -> list[str]:
    what = (target.error or target.reason).strip().split("\n")
    lines = [f"{style.cross} {style.paint(str(target), 'bold')} failed" + (f": {what[0]}" if what[0] else "")]
    lines += [f"  {line}" for line in what[1:]]
    lines += [f"  full log: {target.log}"] if target.log else []
    return lines + ([f"  run it by hand: {target.by_hand}"] if target.by_hand else [])


def _skipped(targets: Iterable[TargetReport], style: Style) -> list[list[str]]:
    """Skipped targets by reason, for one failure can leave out hundreds."""
    because: dict[str, list[str]] = {}
    for target in targets:
        if target.status == "skipped":
            because.setdefault(target.reason or target.error or "", []).append(str(target))
    return [[_left_out(reason, names, style)] for reason, names in because.items()]


def _left_out(reason: str, names: Sequence[str], style: Style) -> str:
    return f"{style.dash} not built{f' ({reason})' if reason else ''}: {listed(names)}"


def _blocked(blocked: Blocked, style: Style) -> list[str]:
    name = style.paint(str(blocked), "bold")
    return [
        f"{style.dash} {name} cannot be built here; it lacks:",
        *(f"    {lack}" for lack in blocked.lacks),
    ]


def _counts(report: BuildReport, style: Style) -> str:
    line = counts_text(report)
    return line if report.dry_run else style.paint(line, "good" if report.ok else "bad")


def counts_text(report: BuildReport) -> str:
    """``built 1, cached 2, failed 1 in 12.3s; actions: 4 run, 20 from the store``."""
    statuses = Counter(target.status for target in report.targets)
    number = {status: statuses[status] for status in get_args(TargetStatus)}
    number["cannot be built here"] = len(report.blocked)
    parts = [f"{status} {count}" for status, count in number.items() if count]
    if report.dry_run:
        words = ", ".join(parts).replace("built ", "to build ", 1) if number["built"] else ", ".join(parts)
        return f"{words or 'nothing to do'}; nothing was run"
    return f"{', '.join(parts) or 'nothing to do'} in {duration(report.seconds)}{_actions(report)}"


def _actions(report: BuildReport) -> str:
    sources = (
        (report.ran - report.incremental, "run"),
        (report.incremental, "run incrementally and not stored"),
        (report.local, "from the store"),
        (report.remote, "from the remote cache"),
        (report.failed, "failed"),
    )
    counts = [f"{count} {words}" for count, words in sources if count]
    return f"; actions: {', '.join(counts)}" if counts else ""


def toolchains_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of (target triple, toolchain or ``none``, its tools or what each candidate lacks)."""
    return table(("TARGET", "TOOLCHAIN", "TOOLS, OR WHAT IS LACKING"), rows) or "no toolchains\n"


def rules_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of (rule, file it is from, what it is for)."""
    return table(("RULE", "FROM", "FOR"), rows) or "no rules\n"


def rule_text(name: str, about: str, attributes: Iterable[Sequence[str]]) -> str:
    """One rule: rows of (attribute, type, default or ``required``, meaning)."""
    rows = table(("ATTRIBUTE", "TYPE", "DEFAULT", "MEANING"), attributes) or "no attributes\n"
    return f"{name}\n\n{about}\n\n{rows}" if about else f"{name}\n\n{rows}"


def cache_text(facts: Iterable[tuple[str, str]]) -> str:
    """Rows of (what, how much), the second column aligned."""
    facts = list(facts)
    width = max((len(name) for name, _ in facts), default=0)
    return "".join(f"{name + ':':<{width + 1}}  {value}\n" for name, value in facts)


def findings_text(problems: Sequence[str]) -> str:
    """A list of findings and how many they are (``cache verify``)."""
    lines = "".join(f"{problem}\n" for problem in problems)
    return f"{lines}{counted(len(problems), 'problem')}\n" if problems else "no problems\n"
