"""The running job against `trust_policy`: what each registry's trusted publisher would compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from piot.errors import listed
from piot.inspect.doctor.job import Job
from piot.model.diagnosis import Topic, facts
from piot.model.finding import Finding, Severity
from piot.model.package import Kind, Package, TrustPolicy
from piot.model.release.trust import REFUSED, REGISTRIES, same_environment, same_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Packages of one kind with one policy: they are published alike."""

    kind: Kind
    policy: TrustPolicy
    names: tuple[str, ...]

    @property
    def registry(self) -> str:
        return REGISTRIES[self.kind]


def job(view: Job | None, packages: Sequence[Package]) -> Topic:
    """What the job is, and where it is not the one that a trusted publisher expects."""
    if view is None:
        return Topic(name="job", facts=facts((("CI", "none: neither GitHub Actions nor GitLab CI"),)))
    kinds: tuple[Kind, ...] = tuple(dict.fromkeys(package.kind for package in packages))
    findings = [
        *(finding for group in _groups(packages) for finding in _compared(view, group)),
        *(finding for kind in kinds for finding in _refused(view, kind)),
        *_reused(view, kinds),
    ]
    return Topic(name="job", facts=facts(_rows(view)), findings=tuple(findings))


def _rows(view: Job) -> Iterable[tuple[str, str]]:
    yield "CI", view.system
    yield "repository", view.repository
    yield "workflow", view.workflow
    if view.system == "GitHub Actions":
        yield "defined in", view.defined_in or "not known without an OIDC token"
    environment = "not known without an OIDC token" if view.environment is None else view.environment
    yield "environment", environment or "none"
    yield "ref", view.ref
    yield "event", view.event
    yield "runner", view.runner
    yield "subject", view.subject
    yield "OIDC", view.trouble or ""


def _groups(packages: Iterable[Package]) -> tuple[_Group, ...]:
    found: dict[tuple[Kind, TrustPolicy], list[str]] = {}
    for package in packages:
        if package.trust_policy is not None:
            found.setdefault((package.kind, package.trust_policy), []).append(package.name)
    return tuple(
        _Group(kind=kind, policy=policy, names=tuple(names)) for (kind, policy), names in found.items()
    )


def _compared(view: Job, group: _Group) -> Iterable[Finding]:
    policy = group.policy
    if policy.repository and not same_repository(group.kind, policy.repository, view.repository):
        yield _mismatch("PIOT_JOB_REPOSITORY", group, "repository", view.repository, policy.repository)
    claim, workflow = _workflow(view, group.kind)
    if policy.workflow and workflow and workflow != policy.workflow:
        yield _mismatch("PIOT_JOB_WORKFLOW", group, claim, workflow, policy.workflow)
    there = view.environment
    if (
        policy.environment
        and there is not None
        and not same_environment(group.kind, policy.environment, there, gitlab=view.system == "GitLab CI")
    ):
        yield _mismatch("PIOT_JOB_ENVIRONMENT", group, "environment", there, policy.environment)


def _workflow(view: Job, kind: Kind) -> tuple[str, str]:
    """The claim that counts, and the bare name of the file in it."""
    if view.system == "GitLab CI":
        return "ci_config_ref_uri", view.file
    if kind == "pypi":
        return "job_workflow_ref", (view.defined_in or view.workflow).rpartition("/")[2]
    return "workflow_ref", view.file


def _mismatch(code: str, group: _Group, claim: str, there: str, wanted: str) -> Finding:
    seen = f'"{there}"' if there else "not there"
    return _found(
        code,
        f'{group.registry} sees the {claim} of this job, which is {seen}; trust_policy says "{wanted}"',
        f"publish from where trust_policy says, or register this one on {group.registry} and write it there",
        group.names,
    )


def _refused(view: Job, kind: Kind) -> Iterable[Finding]:
    registry = REGISTRIES[kind]
    if view.system == "GitHub Actions" and view.event in REFUSED[kind]:
        yield _found(
            "PIOT_JOB_EVENT",
            f"{registry} refuses tokens of jobs that {view.event} starts",
            "start the release by push, tag, schedule or workflow_dispatch",
        )
    if kind == "npm" and view.runner == "self-hosted":
        yield _found(
            "PIOT_JOB_RUNNER",
            "npm refuses tokens of jobs on self-hosted runners",
            "publish on a runner that GitHub hosts",
        )
    if kind == "npm" and "@" in view.subject:
        yield _found(
            "PIOT_JOB_SUBJECT",
            "the subject of this job's token has immutable ids, which npm may answer with 404 (npm/cli#9969)",
            "if it does: give the repository's tokens the older subject, or publish with a token",
            severity="warning",
        )


def _reused(view: Job, kinds: Sequence[Kind]) -> Iterable[Finding]:
    """A called workflow: PyPI sees its file, the others that of the caller."""
    own = f"{view.repository}/{view.workflow}"
    if not view.defined_in or view.defined_in.casefold() == own.casefold():
        return
    foreign = not view.defined_in.casefold().startswith(f"{view.repository}/".casefold())
    if "pypi" in kinds and foreign:
        yield _found(
            "PIOT_JOB_REUSABLE",
            f"this job is defined in another repository ({view.defined_in}), which PyPI never accepts",
            f"move the job that publishes into {view.workflow}; a composite action may stay elsewhere",
        )
    elif "pypi" in kinds:
        yield _found(
            "PIOT_JOB_REUSABLE",
            f"this job is defined in {view.defined_in} and called from {view.workflow}: PyPI compares the "
            "former, crates.io and npm the latter",
            f"move the job that publishes into {view.workflow}, or register each file where it counts",
            severity="warning",
        )


def _found(
    code: str, message: str, fix: str, names: Sequence[str] = (), *, severity: Severity = "error"
) -> Finding:
    one = names[0] if len(names) == 1 else None
    text = f"{listed(names)}: {message}" if len(names) > 1 else message
    return Finding(code=code, severity=severity, message=text, fix=fix, package=one)
