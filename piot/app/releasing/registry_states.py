"""What registries have of the planned versions, for ``piot plan``; a plan never fails for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from piot.app.releasing.registry_answers import Answer, Answers
from piot.app.session.session import Session
from piot.errors import InputError, listed
from piot.model.finding import Finding
from piot.model.package import Package
from piot.model.release.artifact import Artifact
from piot.model.release.matrix import Row
from piot.model.release.plan import ReleasePlan
from piot.model.release.registry_state import RegistryState, registry_state, silent
from piot.model.release.spelling import spelled
from piot.model.semver import Semver
from piot.release.artifacts import find


def to_ask_about(session: Session, plan: ReleasePlan) -> tuple[Package, ...]:
    """The planned packages; none with ``--offline``."""
    chosen = {} if session.where.offline else plan.versions
    return tuple(each for each in session.config.packages if each.name in chosen)


def registry_states(
    plan: ReleasePlan,
    packages: Sequence[Package],
    answers: Answers,
    *,
    rows: Iterable[Row],
    artifacts: Path | None = None,
) -> tuple[RegistryState, ...]:
    """The state of each of ``packages``; files in the folder ``artifacts`` are compared by digest.

    Raises InputError for a file in it that is not what its name says.
    """
    versions, jobs = plan.versions, Counter(row.name for row in rows)
    built = _built(artifacts, packages)
    return tuple(
        _state(each, versions[each.name], answers[each.name], built, jobs[each.name]) for each in packages
    )


def _built(folder: Path | None, packages: Sequence[Package]) -> Sequence[Artifact]:
    return [each.artifact for each in find(folder, packages)] if folder and packages else ()


def _state(
    package: Package, version: str, answer: Answer, built: Iterable[Artifact], jobs: int
) -> RegistryState:
    place = "" if answer.place is None else answer.place.name
    if answer.error is not None:
        return silent(package, version, answer.silence, place)
    try:
        wanted = spelled(package.kind, Semver.parse(version))
    except InputError as error:
        return silent(package, version, error.message, place)
    files = [each for each in built if (each.package, each.version) == (package.name, wanted)]
    return registry_state(package, place, wanted, answer.listings, built=files, jobs=jobs)


def registry_findings(
    plan: ReleasePlan, states: Sequence[RegistryState], skewed: Iterable[tuple[str, str]]
) -> Iterator[Finding]:
    """What is not known, and what would be published against something that is there already."""
    said = {each.package for each in plan.findings if each.code == "PIOT_REGISTRY_SILENT"}
    silences: dict[str, list[str]] = {}
    for state in states:
        if state.state == "unreachable" and state.package not in said:
            silences.setdefault(state.detail, []).append(state.package)
    for why, names in silences.items():
        yield Finding(
            code="PIOT_REGISTRY_SILENT",
            severity="note",
            message=f"what its registry has of {listed(names, limit=5)} is not known: {why}",
        )
    versions = plan.versions
    for dependent, dependency in skewed:
        yield Finding(
            code="PIOT_SKEW",
            severity="note",
            package=dependent,
            message=f"{dependent} would be published, and {dependency} {versions[dependency]}, which it "
            "depends on, is there already",
            fix="nothing when a release is finished; else see what is there: piot plan --artifacts DIR",
        )


def unasked(plan: ReleasePlan) -> Iterator[Finding]:
    """That nobody was asked, where the plan itself does not say it."""
    if plan.packages and all(each.code != "PIOT_REGISTRY_UNASKED" for each in plan.findings):
        yield Finding(
            code="PIOT_REGISTRY_UNASKED",
            severity="note",
            message="offline, no registry was asked what it has of the planned versions",
        )
