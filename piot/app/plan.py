"""``piot plan``: what would be released and why, on which machines it is built, and what is only rebuilt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from piot.app.releasing.matrix import matrix
from piot.app.releasing.rebuilt import rebuilt
from piot.app.releasing.registry_answers import RegistryAnswers
from piot.app.releasing.registry_states import registry_findings, registry_states, to_ask_about, unasked
from piot.app.releasing.release_plan import PlanRequest, release_plan
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.ci.grouping import handed_out, runner_findings
from piot.ci.outputs import github_output, skew, unpublished_kinds
from piot.effects import clock
from piot.errors import InputError, UsageError
from piot.model.events import Emit
from piot.model.finding import Finding
from piot.model.release.matrix import Row, RunnerRow
from piot.model.release.plan import ReleasePlan
from piot.model.release.rebuilt import Rebuilt
from piot.model.release.registry_state import RegistryState, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRequest:
    """How the matrix is wanted: ``grouped`` by machines, with ``keys`` of actions as far as they are known.

    Without ``exact`` it is only shown: nothing is stamped, and there are no input keys. Files in the folder
    ``artifacts`` are held against what registries have.
    """

    grouped: bool = False
    keys: bool = False
    exact: bool = True
    artifacts: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with the jobs of its matrix, one for each of ``rows`` unless they are put together.

    ``registries`` says what they have of the planned packages, by name; it is empty with ``--offline``.
    ``skew`` are packages that would be published, each with one that it depends on and that is there already.
    """

    plan: ReleasePlan
    rows: tuple[Row, ...]
    jobs: tuple[Row | RunnerRow, ...]
    rebuilt: tuple[Rebuilt, ...]
    findings: tuple[Finding, ...]
    registries: Mapping[str, RegistryState]
    skew: tuple[tuple[str, str], ...]

    @property
    def github_output(self) -> str:
        """The lines for ``GITHUB_OUTPUT``."""
        verdicts: dict[str, Verdict] = {name: each.verdict for name, each in self.registries.items()}
        return github_output(self.jobs, self.plan.packages, unpublished_kinds(self.rows, verdicts))


def planned(request: PlanRequest, wanted: MatrixRequest, where: Where, emit: Emit) -> Planned:
    """Plans; raises what `release_plan` does, and InputError for what no CI machine builds.

    Registries are asked meanwhile. Raises InputError also for a built file that is not what its name says.
    """
    with closing(Session(where, emit)) as session, closing(RegistryAnswers(session, brief=True)) as answers:
        plan = release_plan(session, request, answers.versions)
        packages = to_ask_about(session, plan)
        answered = answers.beside(packages)
        rows, odd = _rows(session, plan, wanted)
        jobs, note = handed_out(rows, grouped=wanted.grouped)
        findings = [*plan.findings, *_about_runners(session, plan), *odd]
        if note is not None:
            findings.append(Finding(code="PIOT_MATRIX_SIZE", severity="note", message=note))
        others = rebuilt(session, plan.commit, dict(plan.kept_baselines))
        states = registry_states(plan, packages, answered(), rows=rows, artifacts=wanted.artifacts)
    skewed = skew(packages, {each.package: each.verdict for each in states})
    findings += unasked(plan) if where.offline else registry_findings(plan, states, skewed)
    return Planned(
        plan=plan,
        rows=rows,
        jobs=jobs,
        rebuilt=others,
        findings=tuple(findings),
        registries={each.package: each for each in states},
        skew=skewed,
    )


Rows = tuple[Row, ...]


def _rows(session: Session, plan: ReleasePlan, wanted: MatrixRequest) -> tuple[Rows, tuple[Finding, ...]]:
    if not plan.packages:
        return (), ()
    if not wanted.exact:
        return matrix(session, plan.versions, input_keys=False), ()
    versions = {**{name: version for name, version in plan.kept if version}, **plan.versions}
    rows, odd = _stamped(session, plan, versions)
    if not wanted.keys:
        return rows, odd
    from piot.app.releasing.row_keys import with_keys

    return with_keys(rows, versions, session.where, session.emit), odd


def _stamped(
    session: Session, plan: ReleasePlan, versions: Mapping[str, str]
) -> tuple[Rows, tuple[Finding, ...]]:
    """The rows of the planned versions; that a manifest cannot hold one is said: its build would fail."""
    try:
        with closing(session.with_versions(versions)) as stamped:
            return matrix(stamped, plan.versions), ()
    except (InputError, UsageError) as error:
        odd = Finding(code="PIOT_NOT_STAMPED", severity="warning", message=error.message, fix=error.hint)
        return matrix(session, plan.versions), (odd,)


def _about_runners(session: Session, plan: ReleasePlan) -> tuple[Finding, ...]:
    today = clock.rfc3339(clock.now_ns())[: len("2026-11-21")]
    return runner_findings([each for each in session.config.packages if each.name in plan.versions], today)
