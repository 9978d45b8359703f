"""The workflow that releases: plan, build on the planned machines, publish."""

from __future__ import annotations

from textwrap import indent

from piot.ci import steps
from piot.ci.own_builds import OUTPUTS, all_built, own_jobs, own_text
from piot.ci.pins import uses
from piot.ci.publish_jobs import publish_jobs
from piot.ci.steps import fill
from piot.ci.workflow import Workflow

_WORKFLOW = """\
# Releases what changed: piot plans, builds on the planned machines, and publishes.
#
# `piot init` wrote this. Change it as you like: `piot init` shows what it would write today, and replaces
# nothing unless you say so. The registries know this file by its name: when you rename it, register it again.
name: release

on:
<on>
  workflow_dispatch:
    inputs:
      bump:
        description: "What to release and how, as for `piot plan --bump`. Empty: what changed"
        type: string
        default: ""
      ref:
        description: "The branch, tag or commit to release. Empty: where this is started from"
        type: string
        default: ""
      dry_run:
        description: "Build and check everything, and publish nothing"
        type: boolean
        default: false

# One release at a time. One that runs is not cancelled: what it has uploaded cannot be taken back.
concurrency:
  group: release
  cancel-in-progress: false

# Each job asks for what it needs.
permissions: {}

env:
<env>

jobs:
  plan:
    runs-on: ubuntu-latest
    permissions:
      contents: read
    outputs:
      matrix: ${{ steps.plan.outputs.build_matrix }}
      commit: ${{ steps.plan.outputs.commit }}
<outputs>
    steps:
<plan>

  build:
    needs: plan
    if: needs.plan.outputs.matrix != '[]'
    name: ${{ matrix.artifact_name }}
    runs-on: ${{ matrix.runner }}
    strategy:
      fail-fast: false
      matrix:
        include: ${{ fromJSON(needs.plan.outputs.matrix) }}
    permissions:
      contents: read
    steps:
<build>
"""

_PLAN = """\
- name: Plan
  id: plan
  shell: bash
  env:
    BUMP: ${{ inputs.bump }}
<tag>
  run: |
    piot plan --github-output --json ${BUMP:+--bump "$BUMP"}<words> > "$RUNNER_TEMP/release-plan.json"
    echo "commit=$(git rev-parse HEAD)" >> "$GITHUB_OUTPUT"
- name: Hand on the plan
  uses: <upload>
  with:
    name: release-plan
    path: ${{ runner.temp }}/release-plan.json
    if-no-files-found: error
    overwrite: true
"""

_TAG = "    TAG: ${{ github.event_name == 'push' && github.ref_type == 'tag' && github.ref_name || '' }}\n"

_BUILD = """\
- name: Fetch the plan
  uses: <download>
  with:
    name: release-plan
    path: ${{ runner.temp }}/plan
- name: Build
  shell: bash
  env:
    # The row's words for piot; several where one machine builds all that it can.
    COMMANDS: ${{ matrix.command || join(matrix.commands, ' --plan "$PLAN" && piot ') }}
    PLAN: ${{ runner.temp }}/plan/release-plan.json
  run: eval "piot $COMMANDS --plan \"\\$PLAN\""
- name: Hand on the results, with their digests
  uses: <upload>
  with:
    name: ${{ matrix.artifact_name }}
    path: dist/
    include-hidden-files: true # the manifest of digests
    if-no-files-found: error
    overwrite: true
"""

_ATTEST = """\
  # Whoever has a file can ask where it was built: gh attestation verify FILE --repo OWNER/NAME
  attest:
    needs: [<needs>]
    # GitHub has this for public repositories, and for those of Enterprise Cloud.
    if: ${{ <built>!inputs.dry_run && github.event.repository.visibility != 'private' }}
    runs-on: ubuntu-latest
    permissions:
      attestations: write
      id-token: write # the signature is bound to this workflow
    steps:
      - name: Fetch what was built
        uses: <download>
        with:
          path: ${{ runner.temp }}/artifacts
      - name: Attest what was built
        uses: <attest>
        with:
          subject-path: |
<paths>
"""

_BUILT = ("whl", "tar.gz", "crate", "tgz", "zip", "tar.xz")
"""Endings of what is published; the plan and the manifests of digests are not."""


def release_text(workflow: Workflow) -> str:
    """The whole file."""
    upload, download = uses("actions/upload-artifact"), uses("actions/download-artifact")
    plan = steps.steps(
        (
            steps.checkout(", with all commits and tags", ref="${{ inputs.ref }}", fetch_depth="0"),
            steps.python(),
            steps.piot(workflow),
            _plan(workflow, upload),
        )
    )
    build = steps.steps(
        (
            steps.checkout(" what was planned", ref="${{ needs.plan.outputs.commit }}"),
            *steps.tools(workflow, rows=True),
            steps.piot(workflow),
            steps.cache("${{ matrix.target || 'all' }}"),
            fill(_BUILD, upload=upload, download=download),
        )
    )
    outputs = OUTPUTS if own_jobs(workflow) else ""
    head = fill(_WORKFLOW, on=_on(workflow), env=steps.ENV, outputs=outputs, plan=plan, build=build)
    attest = (_attest(workflow, download),) if workflow.github_attestations else ()
    return "\n".join((head, *own_text(workflow), *attest, *publish_jobs(workflow)))


def _plan(workflow: Workflow, upload: str) -> str:
    """A run that a pushed tag started releases what the tag names."""
    tag = _TAG if "tag" in workflow.on else ""
    return fill(_PLAN, upload=upload, tag=tag, words=' ${TAG:+--tag "$TAG"}' if tag else "")


def _attest(workflow: Workflow, download: str) -> str:
    """A job of its own, which runs no code of the repository and whose failure keeps no upload back."""
    paths = "".join(f"{' ' * 12}${{{{ runner.temp }}}}/artifacts/**/*.{ending}\n" for ending in _BUILT)
    own = own_jobs(workflow)
    built = f"!cancelled() && {all_built(workflow)} && " if own else ""
    needs = ", ".join(("plan", "build", *own))
    attest = uses("actions/attest")
    return fill(_ATTEST, needs=needs, built=built, download=download, attest=attest, paths=paths)


def _on(workflow: Workflow) -> str:
    lines: list[str] = []
    if "push" in workflow.on or "tag" in workflow.on:
        lines.append("push:")
    if "push" in workflow.on:
        lines.append(f"  branches: [{', '.join(map(_quoted, workflow.branches))}]")
    if "tag" in workflow.on:
        lines.append(f"  tags: [{', '.join(map(_quoted, workflow.tags))}]")
    if "cron" in workflow.on:
        lines += ["schedule:", f'  - cron: "{workflow.cron}" # UTC']
    return indent("\n".join(lines), "  ") or "  # by hand only"


def _quoted(text: str) -> str:
    """A YAML scalar: quoted where the characters could mean something."""
    return text if text.replace("-", "").replace("_", "").isalnum() else f'"{text}"'
