"""A matrix for programs: fields of ``plan --json``, and lines for ``GITHUB_OUTPUT`` of plans and releases."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from piot.model.package import Package
from piot.model.release.matrix import JsonRow, Row, RunnerRow
from piot.model.release.plan import PlannedPackage
from piot.model.release.registry_state import Verdict
from piot.model.release.steps import Outcome, Step, Upload


def skew(packages: Sequence[Package], verdicts: Mapping[str, Verdict]) -> tuple[tuple[str, str], ...]:
    """Packages that would be published, each with one that it depends on directly and that would not."""
    return tuple(
        (package.name, name)
        for package in packages
        for name in package.depends_on
        if verdicts.get(package.name) == "publish" and verdicts.get(name) == "skip"
    )


def unpublished_kinds(rows: Sequence[Row], verdicts: Mapping[str, Verdict]) -> tuple[str, ...]:
    """The kinds of which something is still to be published, in the order of the matrix."""
    kinds = (row.kind for row in rows if verdicts.get(row.name, "unknown") != "skip")
    return tuple(dict.fromkeys(kinds))


def github_output(
    jobs: Sequence[Row | RunnerRow],
    packages: Sequence[PlannedPackage],
    kinds: Sequence[str],
) -> str:
    """All that ``plan --github-output`` appends, also when nothing is planned.

    ``matrix`` is the array that ``include:`` takes, ``matrix_object`` the object that ``matrix:`` takes.
    ``build_matrix`` has the jobs that piot builds; what a workflow of the user's own builds stands in
    ``own_matrices``, by package and artifact by artifact.
    """
    rows = [job.as_json() for job in jobs]
    own: dict[str, list[JsonRow]] = {}
    for row in _each(job for job in jobs if job.build_workflow):
        own.setdefault(row.name, []).append(row.as_json())
    values: dict[str, object] = {
        "matrix": rows,
        "matrix_object": {"include": rows},
        "packages": [_short(each) for each in packages],
        "unpublished_kinds": list(kinds),
        "any": bool(rows),
        "build_matrix": [job.as_json() for job in jobs if not job.build_workflow],
        "own_matrices": own,
    }
    return "".join(f"{name}={_line(value)}\n" for name, value in values.items())


def _each(jobs: Iterable[Row | RunnerRow]) -> Iterator[Row]:
    """The artifacts of jobs, one by one."""
    for job in jobs:
        yield from (job,) if isinstance(job, Row) else job.rows


def _short(package: PlannedPackage) -> JsonRow:
    """Without reasons, whose files may be more than an output can hold (1 MiB)."""
    return {
        "name": package.name,
        "version": package.version,
        "previous": package.previous,
        "bump": package.bump,
        "tag": package.tag,
    }


def published_output(
    planned: Sequence[PlannedPackage], steps: Iterable[Step], outcomes: Iterable[Outcome]
) -> str:
    """All that ``publish`` appends, whatever became of its steps; a step without an outcome was not reached.

    ``released`` are the packages of which this run sent the last file, so that all of them are published.
    ``delegated`` are those of which a registry keeps files back until a person approves them. What was
    published before is in neither.
    """
    fates = {outcome.step.name: outcome.fate for outcome in outcomes}
    by_package: dict[str, list[str]] = {}
    for step in steps:
        if isinstance(step, Upload):
            by_package.setdefault(step.package, []).append(fates.get(step.name, "left"))
    released = [each for each in planned if _sent(by_package.get(each.name, ()))]
    delegated = [each for each in planned if "staged" in by_package.get(each.name, ())]
    values: dict[str, object] = {
        "released": bool(released),
        "released_packages": [_named(each) for each in released],
        "delegated": bool(delegated),
        "delegated_packages": [_named(each) for each in delegated],
    }
    return "".join(f"{name}={_line(value)}\n" for name, value in values.items())


def _sent(fates: Collection[str]) -> bool:
    return "done" in fates and all(each in ("done", "there") for each in fates)


def _named(package: PlannedPackage) -> JsonRow:
    return {"name": package.name, "version": package.version, "tag": package.tag}


def matrix_object(jobs: Sequence[Row | RunnerRow]) -> str:
    """What ``--output matrix`` prints: one object on one line."""
    return _line({"include": [job.as_json() for job in jobs]}) + "\n"


def _line(value: object) -> str:
    """JSON without a line break, whatever is in it."""
    return json.dumps(value, separators=(",", ":"))
