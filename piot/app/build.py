"""``piot build`` and ``piot test``: from patterns to results, as a list of steps."""

from __future__ import annotations

from piot.app.delivery import deliver
from piot.app.planning import make_plan
from piot.app.reporting import report_of
from piot.app.request import BuildRequest
from piot.app.running import execute
from piot.app.session import Session
from piot.app.undeclared import undeclared
from piot.app.where import Where
from piot.effects import clock
from piot.model.events import Emit
from piot.model.report import BuildReport


def build(request: BuildRequest, where: Where, emit: Emit) -> BuildReport:
    """Builds and delivers; a failed action is in the report, everything else that ends a run is raised."""
    started = clock.stopwatch()
    session = Session(where, emit, versions=dict(request.versions))
    try:
        plan = make_plan(session, request)
        ran = execute(session, request, plan)
        delivered = {} if request.dry_run or request.tests else deliver(session, request, plan, ran)
        hints = undeclared(session, plan, ran)
        return report_of(request, plan, ran, delivered, clock.stopwatch() - started, hints)
    finally:
        session.close()
