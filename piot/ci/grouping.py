"""A matrix as it is handed out: a job per artifact or per machine, never more than CI takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.matrix import LIMIT, Row, RunnerRow
from piot.model.runners import CHECKED, retired


def by_runner(rows: Iterable[Row]) -> tuple[RunnerRow, ...]:
    """All work of a machine as one job, in the order in which machines are first named.

    A user's own workflow gets the rows of its packages alone.
    """
    groups: dict[tuple[str, str | None], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.runs_on, row.build_workflow), []).append(row)
    return tuple(RunnerRow(runs_on=runner, rows=tuple(each)) for (runner, _), each in groups.items())


def handed_out(
    rows: Sequence[Row], *, grouped: bool, limit: int = LIMIT
) -> tuple[tuple[Row | RunnerRow, ...], str | None]:
    """The jobs, and a note when there would be too many of them and rows were put together instead."""
    if grouped:
        return by_runner(rows), None
    if len(rows) <= limit:
        return tuple(rows), None
    groups = by_runner(rows)
    note = (
        f"{len(rows)} artifacts are more than the {limit} jobs that a matrix may have: "
        f"there is one job for each machine, {len(groups)} in all"
    )
    return groups, note


def runner_findings(packages: Iterable[Package], today: str) -> tuple[Finding, ...]:
    """A warning for every label in the configuration that GitHub has taken away by ``today`` (RFC 3339)."""
    found: list[Finding] = []
    for package in packages:
        path, _, line = package.location.rpartition(":")
        for spec in package.targets:
            gone = None if spec.runner is None else retired(spec.runner, today)
            if gone is not None:
                message = (
                    f"{package.name} is built for {spec.written} on {spec.runner}, "
                    f"which GitHub took away on {gone.day}"
                )
                found.append(
                    Finding(
                        code="PIOT_RUNNER_RETIRED",
                        severity="warning",
                        message=message,
                        path=path,
                        line=int(line) if line.isdecimal() else 0,
                        package=package.name,
                        fix=f'set runner = "{gone.instead}" (table of {CHECKED})',
                    )
                )
    return tuple(found)
