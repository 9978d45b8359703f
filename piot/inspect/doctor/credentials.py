"""What may publish each kind of package here, what cannot, and what had better not lie around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from piot.errors import listed
from piot.inspect.doctor.credential import Credential
from piot.inspect.doctor.job import ID_TOKENS, Job
from piot.model.diagnosis import Topic, facts
from piot.model.finding import Finding, Severity
from piot.model.package import Kind, Package
from piot.model.release.trust import REGISTRIES


def credentials(job: Job | None, packages: Sequence[Package], found: Sequence[Credential]) -> Topic:
    """Every place by registry, and per registry whether anything there can publish its packages.

    A job is taken for the one that publishes: what it lacks is an error there, and a note anywhere else.
    """
    kinds: tuple[Kind, ...] = tuple(
        kind for kind in REGISTRIES if any(package.kind == kind for package in packages)
    )
    rows = [(REGISTRIES[kind], text) for kind in REGISTRIES for text in _ways(kind, kinds, job, found)]
    findings = [
        *(finding for kind in kinds for finding in _lacking(kind, packages, job, found)),
        *(finding for each in found for finding in _lying_around(each, packages, job)),
    ]
    return Topic(name="credentials", facts=facts(rows), findings=tuple(findings))


def trusted(kind: Kind, job: Job | None) -> bool:
    """Whether the job has, or can ask for, a token that a trusted publisher takes."""
    if job is None:
        return False
    return job.asks if job.system == "GitHub Actions" else kind in job.given


def _ways(kind: Kind, kinds: Sequence[Kind], job: Job | None, found: Iterable[Credential]) -> Iterable[str]:
    if kind in kinds and trusted(kind, job):
        yield "trusted publishing (OIDC): what names this job as its publisher"
    own = [each for each in found if each.kind == kind]
    yield from map(_way, own)
    if kind in kinds and not own and not trusted(kind, job):
        yield "nothing"


def _way(each: Credential) -> str:
    state = each.flaw or (
        f"may publish {each.covers}" if each.usable else f"not asked; would be for {each.covers}"
    )
    return f"{each.means} in {each.place}: {state}" if each.usable or each.flaw else f"{each.place}: {state}"


def _lacking(
    kind: Kind, packages: Sequence[Package], job: Job | None, found: Sequence[Credential]
) -> Iterable[Finding]:
    registry = REGISTRIES[kind]
    names = [package.name for package in packages if package.kind == kind]
    covered = {name for each in found if each.kind == kind and each.usable for name in each.packages}
    asked = any(each.kind == kind and each.packages and not each.flaw and not each.usable for each in found)
    policies = [package.name for package in packages if package.kind == kind and package.trust_policy]
    if trusted(kind, job):
        return
    if policies and job is not None:
        yield _found(
            "PIOT_CREDENTIAL_OIDC",
            "warning" if covered.issuperset(policies) else "error",
            f"{listed(policies)}: this job cannot have a token for the trusted publisher on {registry}",
            _permission(kind, job),
        )
    missing = [name for name in names if name not in covered and not (job and name in policies)]
    if missing and not asked:
        yield _found(
            "PIOT_CREDENTIAL_NONE",
            "error" if job else "note",
            f"nothing here can publish {listed(missing)} to {registry}",
            _permission(kind, job)
            if job
            else "none is needed where CI publishes; else log in with its client",
        )


def _permission(kind: Kind, job: Job) -> str:
    if job.system == "GitLab CI":
        return f"give the job an entry {ID_TOKENS[kind]} in id_tokens, with the audience of the registry"
    return "give the job `permissions: id-token: write`, and a workflow that calls it too; not from a fork"


def _lying_around(each: Credential, packages: Sequence[Package], job: Job | None) -> Iterable[Finding]:
    if each.committed:
        yield _found(
            "PIOT_CREDENTIAL_COMMITTED",
            "error",
            f"git keeps a secret: {each.place}",
            "revoke it at the registry, and write the name of a variable there: ${NODE_AUTH_TOKEN}",
        )
    oidc = trusted(each.kind, job)
    if each.flaw and oidc and each.kind == "npm":
        yield _found(
            "PIOT_CREDENTIAL_USELESS",
            "warning",
            f"{each.place} {each.flaw}: when trusted publishing fails, npm tries it and answers 404",
            "unset it; give actions/setup-node no registry-url",
        )
    policies = [
        package.name for package in packages if package.name in each.packages and package.trust_policy
    ]
    if each.usable and "short-lived" not in each.covers and each.packages and (oidc or policies):
        why = "this job can publish without it" if oidc else f"{listed(policies)} has a trusted publisher"
        yield _found(
            "PIOT_CREDENTIAL_LEFTOVER",
            "warning",
            f"a long-lived {each.means} for {REGISTRIES[each.kind]} lies in {each.place}, and {why}",
            "revoke it at the registry and remove it, once trusted publishing has worked",
        )


def _found(code: str, severity: Severity, message: str, fix: str) -> Finding:
    return Finding(code=code, severity=severity, message=message, fix=fix)
