"""Workflows that build packages (``build_workflow``), beside those that call them.

What does not fit ends a whole run before its first job (GitHub's *Reuse workflows*): inputs that are not
declared, required ones that are not given, rights that the caller does not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from piot.errors import near
from piot.inspect.checks.workflows import FOLDER, finding
from piot.inspect.marked import Node, Workflow
from piot.inspect.view import View
from piot.model.finding import Finding
from piot.model.package import Package

CODE = "PIOT_WORKFLOW_CALL"
TOLD = frozenset(("version", "matrix"))
PLAN = "release-plan"
"""The inputs, and the artifact of the release, that a workflow can know the planned version by."""


def called(view: View) -> Iterator[Finding]:
    """Each workflow of packages once, whoever names it; that it is there at all is said elsewhere."""
    own = {each.build_workflow: each for each in reversed(view.packages) if each.build_workflow}
    for name, package in own.items():
        found = view.documents.workflow(f"{FOLDER}/{name}")
        if found is not None:
            yield from _called(view, found, package)


def _called(view: View, found: Workflow, package: Package) -> Iterator[Finding]:
    call = found.triggers.get("workflow_call")
    if call is None:
        message = f'it is the build_workflow of "{package.name}", and no other workflow can call it'
        fix = "add workflow_call to on"
        yield finding(CODE, "error", message, found, found.top.at("on"), package, fix)
        return
    if TOLD.isdisjoint(found.inputs) and PLAN not in found.text:
        message = "it is not told which version is planned"
        fix = "declare version below workflow_call, inputs, and run `piot init`"
        yield finding(CODE, "warning", message, found, call, package, fix)
    calls = [*_calls(view, found)]
    for caller, job in calls:
        yield from _inputs(found, caller, job, package)
        yield from _rights(found, caller, job, package)
    if not calls:
        message = f"no workflow calls {found.path}"
        fix = "run `piot init`: the workflow that releases calls it"
        yield view.at_package(CODE, "warning", message, package, "build_workflow", fix=fix)


def _calls(view: View, found: Workflow) -> Iterator[tuple[Workflow, Node]]:
    """The jobs that call it."""
    for path in view.below(FOLDER):
        other = view.documents.workflow(path) if path.endswith((".yml", ".yaml")) else None
        for job in other.jobs.values() if other is not None else ():
            uses = job.at("uses")
            if other is not None and uses is not None and uses.text == f"./{found.path}":
                yield other, job


def _inputs(found: Workflow, caller: Workflow, job: Node, package: Package) -> Iterator[Finding]:
    given = job.below("with")
    for name, node in given.items():
        if name not in found.inputs:
            message = f'{found.path} takes no input "{name}"'
            fix = near(name, [*found.inputs]) or "take it out, or declare it below workflow_call there"
            yield finding(CODE, "error", message, caller, node, package, fix)
    for name, node in found.inputs.items():
        required = node.at("required")
        if name not in given and required and required.text == "true" and node.at("default") is None:
            message = f'{found.path} asks for the input "{name}", and is called without it'
            fix = "give it below with, or a default there"
            yield finding(CODE, "error", message, caller, job.at("uses"), package, fix)


def _rights(found: Workflow, caller: Workflow, job: Node, package: Package) -> Iterator[Finding]:
    """What its jobs ask for, and the job that calls it does not have."""
    asked = [each.at("permissions") or found.top.at("permissions") for each in found.jobs.values()]
    wanted = {node.line: (scope, node) for each in asked if each for scope, node in each.table.items()}
    for scope, node in wanted.values():
        if node.text == "write" and not caller.may(job, scope, otherwise=True):
            message = f"it asks for {scope}: write, and {caller.path} calls it without that right"
            fix = "take it out: what builds a package for others to publish has to read only"
            yield finding(CODE, "error", message, found, node, package, fix)
