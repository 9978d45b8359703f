"""Why a registry may not trust a job: what it sees of it, and what it was expected to see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from piot.model.package import Kind, TrustPolicy
from piot.model.release.trust import REFUSED, REGISTRIES, same_environment, same_repository

SHOWN = (
    *("iss", "repository", "repository_owner_id", "workflow_ref", "job_workflow_ref"),
    *("project_path", "namespace_id", "ci_config_ref_uri", "environment", "event_name", "sub"),
)
"""The claims by which registries know a job, in the order in which they are shown."""


def described(claims: Mapping[str, object]) -> str:
    """The claims that registries look at, one a line; a job of a CI without an environment says so."""
    of_ci = "workflow_ref" in claims or "project_path" in claims
    shown = {**({"environment": "none"} if of_ci else {}), **claims}
    return "".join(f"\n  {name}: {shown[name]}" for name in SHOWN if shown.get(name) is not None)


def expected(kind: Kind, claims: Mapping[str, object], policy: TrustPolicy) -> str:
    """What ``trust_policy`` says, one a line, with what the job is where it differs."""
    lines: list[str] = []
    for name, wanted, there in _rows(kind, claims, policy):
        same = _same(kind, name, wanted, there, gitlab="project_path" in claims)
        lines.append(f"\n  {name}: {wanted}" + ("" if same else f" (this job: {there or 'none'})"))
    return "".join(lines)


def suspicions(kind: Kind, claims: Mapping[str, object]) -> Iterator[str]:
    """What of a job a registry is known not to take, whatever its publishers say."""
    event, registry = str(claims.get("event_name", "")), REGISTRIES[kind]
    if event in REFUSED[kind]:
        yield f"{registry} trusts no job that {event} starts: use push, tag, schedule or workflow_dispatch"
    caller, callee = workflow_file(claims.get("workflow_ref")), workflow_file(claims.get("job_workflow_ref"))
    if caller != callee and callee is not None:
        named = callee if kind == "pypi" else caller
        yield f"this job is in a called workflow; this registry looks at {named}"
    if kind == "npm" and claims.get("runner_environment") == "self-hosted":
        yield "npm trusts no job on a self-hosted runner"
    if kind == "npm" and "repository" in claims and "@" in str(claims.get("sub", "")):
        yield "the subject has immutable ids (OWNER@ID), which npm may not know yet (npm/cli#9969)"
    if kind == "npm":
        yield "npm says the same when the package does not exist, and when it has no publisher"


def workflow_file(ref: object) -> str | None:
    """``release.yml`` of ``owner/repo/.github/workflows/release.yml@refs/heads/main``."""
    found = re.search(r"/([^/@]+)@", ref) if isinstance(ref, str) else None
    return found[1] if found else None


def _rows(kind: Kind, claims: Mapping[str, object], policy: TrustPolicy) -> Iterator[tuple[str, str, str]]:
    """Name, what is wanted, what is there."""
    named = "job_workflow_ref" if kind == "pypi" else "workflow_ref"
    workflow = workflow_file(claims.get(named) or claims.get("ci_config_ref_uri"))
    there = {
        "repository": str(claims.get("repository") or claims.get("project_path") or ""),
        "workflow": workflow or "",
        "environment": str(claims.get("environment") or ""),
    }
    wanted = {
        "repository": policy.repository,
        "workflow": policy.workflow,
        "environment": policy.environment,
    }
    for name, text in wanted.items():
        if text is not None:
            yield name, text, there[name]


def _same(kind: Kind, name: str, wanted: str, there: str, *, gitlab: bool) -> bool:
    match name:
        case "repository":
            return same_repository(kind, wanted, there)
        case "environment":
            return same_environment(kind, wanted, there, gitlab=gitlab)
        case _:
            return wanted == there
