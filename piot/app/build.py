"""``piot build`` and ``piot test``: from patterns to results, as a list of steps."""

from __future__ import annotations

from piot.app.delivery import brings_links, claim, deliver
from piot.app.planning import make_plan
from piot.app.recording import Recording
from piot.app.repeat import Repeat
from piot.app.reporting import Delivered, Outcomes, report_of
from piot.app.request import BuildRequest
from piot.app.running import execute, execute_for, hints, results_of
from piot.app.session import Session
from piot.app.where import Where
from piot.effects import clock
from piot.model.events import Emit, Note
from piot.model.plan import BuildPlan
from piot.model.report import BuildReport


def build(request: BuildRequest, where: Where, emit: Emit, repeat: Repeat | None = None) -> BuildReport:
    """Builds and delivers; a failed action is in the report, everything else that ends a run is raised.

    ``repeat`` keeps the report, to be given again while nothing changes.
    """
    started = clock.stopwatch()
    repeat = repeat or Repeat(request, where)
    with Recording(request, where, emit) as recording, repeat.watching():
        session = Session(
            where, recording.emit, versions=dict(request.versions), sources=repeat.sources, seen=repeat.seen
        )
        try:
            plan = make_plan(session, request)
            delivers = not (request.dry_run or request.tests)
            if delivers:
                claim(session, request)  # refused before anything has run, not after
            recording.builds = session.state / "builds"
            ran, delivered = _made(session, request, plan, delivers=delivers)
            seconds = clock.stopwatch() - started
            found = hints(session, plan, ran)
            recording.report = report_of(request, plan, ran, delivered, seconds, found)
            if not (delivers and brings_links(session, plan, ran)):
                repeat.keep(session, plan, recording.report, results_of(session, ran))
            return recording.report
        finally:
            session.close()


def _made(
    session: Session, request: BuildRequest, plan: BuildPlan, *, delivers: bool
) -> tuple[Outcomes, Delivered]:
    """Runs, and delivers what came of it."""
    if delivers:
        return execute_for(session, request, plan, lambda ran: deliver(session, request, plan, ran))
    ran = execute(session, request, plan)
    if request.dry_run:
        for name, action in plan.actions.items():
            if ran[name].status == "ran":
                text = f"would run {action.label} ({action.mnemonic}): {ran[name].reason}"
                session.emit(Note(text=text))
    return ran, {}
