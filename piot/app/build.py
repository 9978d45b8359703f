"""``piot build`` and ``piot test``: from patterns to results, as a list of steps."""

from __future__ import annotations

from collections.abc import Mapping

from piot.app.delivery import claim, deliver
from piot.app.planning import make_plan
from piot.app.recording import Recording
from piot.app.reporting import Delivered, Outcomes, report_of
from piot.app.request import BuildRequest
from piot.app.running import execute
from piot.app.session import Session
from piot.app.where import Where
from piot.effects import clock
from piot.model.action import ActionId
from piot.model.events import Emit, Note
from piot.model.plan import BuildPlan
from piot.model.report import BuildReport
from piot.run.stores.local import Missing


def build(request: BuildRequest, where: Where, emit: Emit) -> BuildReport:
    """Builds and delivers; a failed action is in the report, everything else that ends a run is raised."""
    started = clock.stopwatch()
    with Recording(request, where, emit) as recording:
        session = Session(where, recording.emit, versions=dict(request.versions))
        try:
            plan = make_plan(session, request)
            delivers = not (request.dry_run or request.tests)
            if delivers:
                claim(session, request)  # refused before anything has run, not after
            recording.builds = session.state / "builds"
            ran, delivered = _made(session, request, plan, delivers=delivers)
            hints = _hints(session, plan, ran)
            seconds = clock.stopwatch() - started
            recording.report = report_of(request, plan, ran, delivered, seconds, hints)
            return recording.report
        finally:
            session.close()


def _hints(session: Session, plan: BuildPlan, ran: Outcomes) -> Mapping[ActionId, tuple[str, ...]]:
    if all(outcome.status != "failed" for outcome in ran.values()):
        return {}
    from piot.app.undeclared import undeclared

    return undeclared(session, plan, ran)


def _made(
    session: Session, request: BuildRequest, plan: BuildPlan, *, delivers: bool
) -> tuple[Outcomes, Delivered]:
    """Runs and delivers; once more when the store turns out to have lost a file, which is then made again."""
    ran = execute(session, request, plan)
    if request.dry_run:
        for name, action in plan.actions.items():
            if ran[name].status == "ran":
                text = f"would run {action.label} ({action.mnemonic}): {ran[name].reason}"
                session.emit(Note(text=text))
    if not delivers:
        return ran, {}
    try:
        return ran, deliver(session, request, plan, ran)
    except Missing:
        ran = execute(session, request, plan)
        return ran, deliver(session, request, plan, ran)
