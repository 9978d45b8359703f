"""Workflows of GitHub Actions beside ``trust_policy``: what registries accept, and what is dangerous.

GitHub's *Security hardening with OpenID Connect*; trusted publishing as PyPI, npm and crates.io have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from piot.errors import Problems
from piot.inspect.checks.locks import of_problem
from piot.inspect.marked import Node, Workflow, workflow
from piot.inspect.view import View
from piot.model.finding import Finding, Severity
from piot.model.package import Package
from piot.model.runners import retired
from piot.model.settings import ReleaseTrigger

FOLDER = ".github/workflows"
_PINNED = re.compile(r"[0-9a-f]{40}|sha256:[0-9a-f]{64}")
_PUBLISHES = re.compile(r"publish|release", re.IGNORECASE)
_COMMENTED = re.compile(r"^[ \t]*#.*(?:\bpublish\b|/release\.ya?ml@).*$", re.M)
_HEAD = re.compile(r"github\.(?:event\.pull_request\.head|head_ref)")
_BY_HAND = frozenset(("push", "schedule", "workflow_dispatch", "release", "repository_dispatch", "create"))
"""Events with which a release can begin: others come from somebody else, or from another workflow."""

_EVENTS: dict[ReleaseTrigger, str] = {
    "push": "push",
    "tag": "push",
    "cron": "schedule",
    "dispatch": "workflow_dispatch",
}
"""The event of GitHub for each word of ``[piot.release] on``."""


def trust(view: View) -> Iterator[Finding]:
    """The workflow that registries are told to trust, once for all packages that name it."""
    told: set[tuple[str, str]] = set()
    for package in view.packages:
        for keys, name in _named(package):
            path = f"{FOLDER}/{name}"
            if view.documents.text(path) is None:
                names = [each for each in view.beside(FOLDER) if each.endswith((".yml", ".yaml"))]
                known = f"there are {', '.join(names)}" if names else "run `piot init`"
                message = f"there is no {path}"
                yield view.at_package("PIOT_WORKFLOW_MISSING", "error", message, package, *keys, fix=known)
                continue
            found = view.documents.workflow(path)
            policy = package.trust_policy if keys[0] == "trust_policy" else None
            if found is None or policy is None:
                continue
            environment = policy.environment or dict(view.release.environments).get(package.kind)
            once = (name, environment or "")
            if once not in told:
                told.add(once)
                yield from _trusted(view, found, environment, package)


def _named(package: Package) -> Iterator[tuple[tuple[str, ...], str]]:
    if package.trust_policy is not None and package.trust_policy.workflow:
        yield ("trust_policy", "workflow"), package.trust_policy.workflow
    if package.build_workflow:
        yield ("build_workflow",), package.build_workflow


def _trusted(view: View, found: Workflow, environment: str | None, package: Package) -> Iterator[Finding]:
    yield from _started(view, found, package)
    yield from _permitted(found, package)
    jobs = _identified(found)
    if environment and jobs and not any(_runs_in(job, environment) for job in jobs):
        yield finding(
            "PIOT_WORKFLOW_ENVIRONMENT",
            "error",
            f'no job that may ask for an identity runs in the environment "{environment}" of {view.config}',
            found,
            jobs[0],
            package,
            f"add environment: {environment} to the job that publishes",
        )
    yield from _publishes(found, package)


def _identified(found: Workflow) -> list[Node]:
    """The jobs that may ask for an identity."""
    return [job for job in found.jobs.values() if found.may(job, "id-token")]


def _permitted(found: Workflow, package: Package) -> Iterator[Finding]:
    """Some job may upload, and some job may tag."""
    jobs = _identified(found)
    if not jobs:
        yield finding(
            "PIOT_WORKFLOW_PERMISSION",
            "error",
            "no job may ask for an identity, and registries take no upload without a token",
            found,
            found.top.at("permissions") or found.top.at("jobs"),
            package,
            "give the job that publishes permissions: { id-token: write, contents: write }",
        )
    elif not any(found.may(job, "contents", otherwise=True) for job in found.jobs.values()):
        yield finding(
            "PIOT_WORKFLOW_PERMISSION",
            "error",
            "no job may write contents, so that no release can be tagged",
            found,
            jobs[0].at("permissions") or found.top.at("permissions"),
            package,
            "add contents: write to the job that publishes",
        )


def _started(view: View, found: Workflow, package: Package) -> Iterator[Finding]:
    triggers = found.triggers
    on = found.top.at("on")
    if triggers and set(triggers) <= {"workflow_call"}:
        message = "it is only called by others, and registries compare the workflow that was started"
        fix = "name the workflow that calls it in trust_policy, and publish there"
        yield finding("PIOT_WORKFLOW_TRIGGER", "error", message, found, on, package, fix)
    elif not _BY_HAND & set(triggers):
        message = "nothing starts a release: it has neither push nor schedule nor workflow_dispatch"
        fix = "add workflow_dispatch, and push or schedule"
        yield finding("PIOT_WORKFLOW_TRIGGER", "error", message, found, on, package, fix)
    elif view.cadence == "scheduled" and "schedule" not in triggers:
        message = f'cadence is "scheduled" in {view.config}, but no schedule starts it'
        fix = 'add schedule: [{ cron: "0 2 * * *" }]'
        yield finding("PIOT_WORKFLOW_TRIGGER", "warning", message, found, on, package, fix)
    for name in view.release.on:
        if _EVENTS[name] not in triggers:
            message = f'[piot.release] on names "{name}" in {view.config}, but no {_EVENTS[name]} starts it'
            fix = f"add {_EVENTS[name]}, or take it out there"
            yield finding("PIOT_WORKFLOW_TRIGGER", "warning", message, found, on, package, fix)


def _publishes(found: Workflow, package: Package) -> Iterator[Finding]:
    """Something in it publishes; a step that does so is no comment."""
    scripts = [node.text for _, step in found.steps() for node in step.table.values()]
    if any(_PUBLISHES.search(text) for text in (*scripts, *(each.text for each in found.uses()))):
        return
    match = _COMMENTED.search(found.text)
    line = found.text.count("\n", 0, match.start()) + 1 if match else 0
    message = "the step that publishes is commented out" if match else "no step publishes anything"
    yield Finding(
        code="PIOT_WORKFLOW_PUBLISH",
        severity="error" if match else "warning",
        message=message,
        path=found.path,
        line=line,
        column=1 if line else 0,
        package=package.name,
        fix="take the # away" if match else "add a step that runs `piot publish`",
    )


def _runs_in(job: Node, environment: str) -> bool:
    said = job.at("environment")
    name = said and (said.text or (inner.text if (inner := said.at("name")) else ""))
    return bool(name) and (name == environment or "${{" in str(name))


def every(view: View) -> Iterator[Finding]:
    """All workflows: YAML, no secrets for the code of strangers; those that publish name what they run."""
    trusted = {f"{FOLDER}/{name}" for package in view.packages for _, name in _named(package)}
    for path in view.below(FOLDER):
        if not path.endswith((".yml", ".yaml")):
            continue
        try:
            found = workflow(view.documents.text(path) or "", path)
        except Problems as wrong:
            yield from map(of_problem, wrong.problems)
            continue
        yield from _dangers(found, trusted=path in trusted)
        yield from _retired(found, view.today)
        yield from _unpinned(found) if path in trusted else ()


def _dangers(found: Workflow, *, trusted: bool) -> Iterator[Finding]:
    """``pull_request_target`` runs with the repository's rights, whoever opened the pull request."""
    trigger = found.triggers.get("pull_request_target")
    if trigger is None:
        return
    foreign = next(
        (ref for _, step in found.steps() if (ref := step.at("with", "ref")) and _HEAD.search(ref.text)), None
    )
    identity = any(found.may(job, "id-token") for job in found.jobs.values())
    if foreign is not None:
        message = "it runs the code of any pull request with the rights of this repository"
        fix = "start it by pull_request, or do not check the pull request out"
    elif identity or trusted:
        message = "any pull request starts it, and it may ask for the identity that registries trust"
        fix = "remove pull_request_target from the workflow that publishes"
    else:
        return
    yield finding("PIOT_WORKFLOW_DANGER", "error", message, found, foreign or trigger, None, fix)


def _retired(found: Workflow, today: str) -> Iterator[Finding]:
    """Jobs on machines that GitHub does not have any more: they wait for one until they fail."""
    for job in found.jobs.values():
        label = job.at("runs-on")
        gone = retired(label.text, today) if label else None
        if label is not None and gone is not None:
            message = f"it runs on {label.text}, which GitHub took away on {gone.day}"
            fix = f"write runs-on: {gone.instead}"
            yield finding("PIOT_RUNNER_RETIRED", "warning", message, found, label, None, fix)


def _unpinned(found: Workflow) -> Iterator[Finding]:
    for each in found.uses():
        name, _, revision = each.text.partition("@")
        if name.startswith("./") or _PINNED.fullmatch(revision):
            continue
        message = f"{each.text} can become something else tomorrow"
        fix = f"write the commit instead: {name}@<40 digits> # {revision or 'version'}"
        yield finding("PIOT_WORKFLOW_UNPINNED", "note", message, found, each, None, fix)


def finding(
    code: str,
    severity: Severity,
    message: str,
    found: Workflow,
    node: Node | None,
    package: Package | None,
    fix: str,
) -> Finding:
    """A finding at a place in a workflow; at the file as a whole without a node."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        path=found.path,
        line=node.line if node else 0,
        column=node.column if node else 0,
        package=package.name if package else None,
        fix=fix,
    )
