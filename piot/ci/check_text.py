"""The workflow that looks at pull requests: checks, the plan, and a build of what the change affects."""

from __future__ import annotations

from piot.ci import steps
from piot.ci.steps import fill
from piot.ci.workflow import Workflow

_WORKFLOW = """\
# Looks at pull requests: is the repository fit to be released, what would be, and does it build?
#
# `piot init` wrote this. Change it as you like: `piot init` shows what it would write today, and replaces
# nothing unless you say so.
name: check

on:
  pull_request:

# A new push makes what runs for the old one pointless.
concurrency:
  group: check-${{ github.ref }}
  cancel-in-progress: true

permissions:
  contents: read

env:
<env>

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
<check>

  build:
    runs-on: ubuntu-latest
    steps:
<build>
"""

_CHECK = """\
- name: What can be known without building
  shell: bash
  run: piot check
- name: What would be released
  shell: bash
  run: piot plan --offline
"""

_BUILD = """\
- name: Build what the change affects, for this machine
  shell: bash
  env:
    BASE: ${{ github.event.pull_request.base.sha }}
  run: |
    piot query "affected($BASE)<without>" > "$RUNNER_TEMP/affected"
    if [ -s "$RUNNER_TEMP/affected" ]; then
      xargs piot build --keep-going < "$RUNNER_TEMP/affected"
    fi
"""


def check_text(workflow: Workflow) -> str:
    """The whole file; nothing in it can write anywhere."""
    all_of_it = steps.checkout(", with all commits and tags", fetch_depth="0")
    check = steps.steps((all_of_it, steps.python(), steps.piot(workflow), _CHECK))
    build = steps.steps(
        (
            all_of_it,
            *steps.tools(workflow, rows=False),
            steps.piot(workflow),
            steps.cache("check"),
            fill(_BUILD, without=_without(workflow)),
        )
    )
    return fill(_WORKFLOW, env=steps.ENV, check=check, build=build)


def _without(workflow: Workflow) -> str:
    """Takes away what piot does not build: the targets of packages with a workflow of their own."""
    own = [each.name for each in workflow.packages if each.build_workflow is not None]
    return f" - set({' '.join(own)})" if own else ""
