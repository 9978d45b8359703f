"""Findings as text and as JSON, for every verb that has some."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from piot.cli.terminal import Kind, Style
from piot.cli.words import counted, shown
from piot.errors import listed
from piot.model.finding import Finding, Severity

PAINT: Mapping[Severity, Kind] = {"error": "bad", "warning": "warn", "note": "dim"}
"""The severities, the gravest first, and how each is shown."""


def findings_text(found: Iterable[Finding], style: Style | None = None) -> str:
    """``file:line:column: error: CODE: message`` and a hint below it, for each; plain unless styled."""
    return "".join(_text(each, style or Style()) for each in found)


def _text(finding: Finding, style: Style) -> str:
    place = f"{shown(finding.place)}: " if finding.place else ""
    severity = style.paint(finding.severity, PAINT[finding.severity])
    hint = f"    hint: {shown(finding.fix)}\n" if finding.fix else ""
    return f"{place}{severity}: {finding.code}: {shown(finding.message)}\n{hint}"


def findings_json(found: Iterable[Finding]) -> list[dict[str, object]]:
    """The rows of ``findings``; what is not known is null."""
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


def summary(found: Iterable[Finding]) -> str:
    """``2 errors and 1 warning``; empty when there is nothing."""
    counts = Counter(each.severity for each in found)
    return listed([counted(counts[each], each) for each in PAINT if counts[each]])
