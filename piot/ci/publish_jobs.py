"""The jobs of the release workflow that publish: one for all, or one for each registry with its approval.

They stand in the file that is started and in no other that it calls: PyPI compares the file that a job is
written in, crates.io and npm the file that was started, so only such a job suits all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from piot.ci import steps
from piot.ci.own_builds import all_built, own_jobs
from piot.ci.pins import uses
from piot.ci.steps import fill
from piot.ci.workflow import Workflow
from piot.model.package import Kind

_JOB = """\
  <job>:
    needs: [<needs>]
<settings>
    runs-on: ubuntu-latest
    permissions:
      contents: write # tags and releases
      id-token: write # what the registries know this workflow by
    outputs: # for jobs of yours that come after a release
      released: ${{ steps.publish.outputs.released }}
      released_packages: ${{ steps.publish.outputs.released_packages }}
    steps:
<steps>
"""

_PUBLISH = """\
- name: Fetch what was built
  uses: <download>
  with:
    path: ${{ runner.temp }}/artifacts
- name: <title>
  id: publish
  shell: bash
  env:
    DRY_RUN: ${{ inputs.dry_run && '--dry-run' || '' }}
    GITHUB_TOKEN: ${{ github.token }}
  run: >-
    piot publish<names> $DRY_RUN
    --artifacts "$RUNNER_TEMP/artifacts"
    --plan "$RUNNER_TEMP/artifacts/release-plan/release-plan.json"
"""

_TITLES: dict[Kind, str] = {"crates": "crates.io", "pypi": "PyPI", "npm": "npm"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """``packages`` are those that it publishes, none for all; ``after`` is the job that publishes before it.

    ``environment`` is the one whose approval it waits for.
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    environment: str | None
    packages: tuple[str, ...] = ()
    after: str | None = None


def publish_jobs(workflow: Workflow) -> tuple[str, ...]:
    """One job for all, or one after the other where the registries have approvals of their own."""
    environments: dict[Kind, str | None] = {each: workflow.environments.get(each) for each in workflow.kinds}
    if len({*environments.values()}) <= 1:
        environment = next(iter(environments.values()), None)
        job = _Job(name="publish", title="Publish", kinds=workflow.kinds, environment=environment)
        return (_text(workflow, job),)
    jobs: list[_Job] = []
    for kind, environment in environments.items():
        job = _Job(
            name=f"publish-{kind}",
            title=f"Publish to {_TITLES[kind]}",
            kinds=(kind,),
            environment=environment,
            packages=tuple(sorted(each.name for each in workflow.packages if each.kind == kind)),
            after=jobs[-1].name if jobs else None,
        )
        jobs.append(job)
    return tuple(_text(workflow, job) for job in jobs)


def _text(workflow: Workflow, job: _Job) -> str:
    commit = {"ref": "${{ needs.plan.outputs.commit }}", "fetch_depth": "0", "persist_credentials": "true"}
    names = "".join(f" {name}" for name in job.packages)
    signs = workflow.attestations and "pypi" in job.kinds
    parts = (
        steps.checkout(", with the right to push tags", **commit),
        *steps.tools(workflow, rows=False),
        steps.piot(workflow, signs=signs),
        fill(_PUBLISH, download=uses("actions/download-artifact"), names=names, title=job.title),
    )
    needs = ("plan", "build", *own_jobs(workflow), *([job.after] if job.after else ()))
    settings = _condition(workflow, job) + (f"environment: {job.environment}\n" if job.environment else "")
    return fill(
        _JOB,
        job=job.name,
        needs=", ".join(needs),
        settings=indent(settings, "    "),
        steps=steps.steps(parts),
    )


def _condition(workflow: Workflow, job: _Job) -> str:
    """When the job runs, where that is not just after all that it needs.

    A registry that failed keeps no other one back: piot itself knows what depends on what is missing.
    """
    if own_jobs(workflow):
        return f"if: ${{{{ !cancelled() && {all_built(workflow)} }}}}\n"
    return "if: ${{ !cancelled() && needs.build.result == 'success' }}\n" if job.after else ""
