"""The report of a build as plain data and back, as one of which everything was cached."""

from __future__ import annotations

from typing import Any

from piot.model.report import BuildReport, OutputReport, TargetReport


def plain(report: BuildReport) -> tuple[object, ...]:
    """What the next report of the same takes from this one."""
    targets = tuple(
        (
            *(target.label, target.triple, target.python, target.key),
            tuple((output.path, output.sha256, output.size) for output in target.outputs),
        )
        for target in report.targets
    )
    return targets, report.ran + report.local, report.notes


def report_of(plain: Any, seconds: float) -> BuildReport:
    """The report of a build in which nothing had to run."""
    targets, actions, notes = plain
    return BuildReport(
        ok=True,
        targets=tuple(
            TargetReport(
                label=label,
                triple=triple,
                python=python,
                key=key,
                status="cached",
                source="local",
                outputs=tuple(
                    OutputReport(path=path, sha256=sha256, size=size) for path, sha256, size in made
                ),
            )
            for label, triple, python, key, made in targets
        ),
        local=actions,
        seconds=seconds,
        notes=notes,
    )
