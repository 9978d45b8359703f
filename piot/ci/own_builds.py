"""Packages that a workflow of the user's own builds: the jobs that call it, and what waits for them.

What stands behind ``uses:`` may hold no expression (GitHub's *Reuse workflows*), so every such package has a
job of its own, whose condition is that it is planned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from textwrap import indent

from piot.ci.steps import fill
from piot.ci.workflow import Called, Workflow
from piot.model.package import Package

GIVEN: Mapping[str, str] = {
    "version": "${{ <rows>[0].version }}",
    "name": "<name>",
    "matrix": "${{ toJSON(<rows>) }}",
    "ref": "${{ needs.plan.outputs.commit }}",
}
"""The inputs that a workflow is told where it takes them: one that it does not declare ends the whole run."""

_JOB = """\
  <job>:
    needs: plan
    if: <rows> != null
    uses: ./.github/workflows/<file>
<given>
<secrets>
    permissions:
      contents: read
"""

_ROWS = "fromJSON(needs.plan.outputs.own_matrices)"
OUTPUTS = """\
      own_matrices: ${{ steps.plan.outputs.own_matrices }}
      any: ${{ steps.plan.outputs.any }}
"""
"""What the job that plans puts out besides, for the conditions below."""


def own_jobs(workflow: Workflow) -> dict[str, Package]:
    """The packages that piot does not build, by the names of their jobs."""
    found: dict[str, Package] = {}
    for package in workflow.packages:
        if package.build_workflow is not None:
            name = "build-" + re.sub(r"[^a-zA-Z0-9_-]+", "-", package.name).strip("-")
            while name in found:
                name += "-"
            found[name] = package
    return found


def own_text(workflow: Workflow) -> tuple[str, ...]:
    """The jobs that call the packages' own workflows."""
    return tuple(
        _job(job, package, workflow.called.get(str(package.build_workflow)))
        for job, package in own_jobs(workflow).items()
    )


def _job(job: str, package: Package, called: Called | None) -> str:
    """One that is not there yet is told all that there is to tell."""
    rows = f"{_ROWS}[{_text(package.name)}]"
    takes = GIVEN if called is None else [each for each in GIVEN if each in called.inputs]
    lines = [f"  {each}: {fill(GIVEN[each], rows=rows, name=json.dumps(package.name))}\n" for each in takes]
    return fill(
        _JOB,
        job=job,
        rows=rows,
        file=str(package.build_workflow),
        given=indent("".join(["with:\n", *lines]), "    ") if lines else "",
        secrets="    secrets: inherit\n" if called is not None and called.secrets else "",
    )


def _text(value: str) -> str:
    """A text in an expression."""
    return "'" + value.replace("'", "''") + "'"


def all_built(workflow: Workflow) -> str:
    """The condition of a job that publishes: what is planned was built, by whomever.

    A job that had nothing to build is skipped, and a job that waits for it would be skipped with it.
    """
    planned = ("needs.plan.result == 'success'", "needs.plan.outputs.any == 'true'")
    jobs = ("build", *own_jobs(workflow))
    return " && ".join((*planned, *(f"contains('success skipped', needs.{job}.result)" for job in jobs)))
