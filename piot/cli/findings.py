"""Findings as text and as JSON, for every verb that has some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from piot.cli.words import counted
from piot.model.finding import Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


def findings_text(found: Iterable[Finding]) -> str:
    """``file:line:column: error: CODE: message`` and a hint below it, for each."""
    return "".join(_text(each) for each in found)


def _text(finding: Finding) -> str:
    place = f"{finding.place}: " if finding.place else ""
    hint = f"    hint: {finding.fix}\n" if finding.fix else ""
    return f"{place}{finding.severity}: {finding.code}: {finding.message}\n{hint}"


def findings_json(found: Iterable[Finding]) -> list[dict[str, object]]:
    """The rows of ``findings``; places that are not known are null."""
    return [
        {
            "code": each.code,
            "severity": each.severity,
            "message": each.message,
            "path": each.path or None,
            "line": each.line or None,
            "column": each.column or None,
            "package": each.package,
            "fix": each.fix,
        }
        for each in found
    ]


def summary(found: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``."""
    counts = Counter(each.severity for each in found)
    parts = [counted(counts[each], each) for each in SEVERITIES if counts[each]]
    return ", ".join(parts) or "no findings"
