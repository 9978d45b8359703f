"""The matrix of a plan as text: which machine builds what, and what is only rebuilt."""

from __future__ import annotations

from collections.abc import Sequence

from piot.model.release.matrix import Row
from piot.model.release.rebuilt import Rebuilt


def matrix_text(rows: Sequence[Row]) -> str:
    """A block with a line for each machine; nothing without rows."""
    machines: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        machines.setdefault(row.runs_on, {}).setdefault(row.name, []).append(_built(row))
    if not machines:
        return ""
    wide = max(map(len, machines)) + 2
    lines = [f"    {runner:{wide}}{_work(packages)}\n" for runner, packages in machines.items()]
    return "".join(("built on\n", *lines))


def _work(packages: dict[str, list[str]]) -> str:
    return "; ".join(f"{name} {', '.join(targets)}" for name, targets in packages.items())


def _built(row: Row) -> str:
    return f"{row.target} ({row.python})" if row.python else row.target


def rebuilt_text(found: Sequence[Rebuilt]) -> str:
    """A block with a line for each package; nothing without any."""
    lines = [f"    {each.package}: {each.text}\n" for each in found]
    return "".join(("rebuilt, not released\n", *lines)) if lines else ""


def rebuilt_json(found: Rebuilt) -> dict[str, object]:
    """One of ``rebuilt`` in ``plan --json``."""
    return {
        "package": found.package,
        "targets": list(found.targets),
        "files": list(found.files),
        "text": found.text,
    }
