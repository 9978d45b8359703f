"""``piot build`` and ``piot test``: from patterns to results, as a list of steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from piot.app.building.delivery import Placed, brings_links, claim, deliver
from piot.app.building.recording import Recording
from piot.app.building.repeat import Repeat
from piot.app.building.reporting import Delivered, Outcomes, report_of
from piot.app.building.request import BuildRequest
from piot.app.building.results import results_of
from piot.app.building.running import execute, execute_for, hints
from piot.app.session.site import Site
from piot.app.session.where import Where
from piot.effects import clock, witness
from piot.model.events import Emit, Note
from piot.model.plan import BuildPlan
from piot.model.report import BuildReport
from piot.run.schedule import Settled

if TYPE_CHECKING:
    from piot.app.building.reach import Reach
    from piot.app.session.session import Session


def build(request: BuildRequest, where: Where, emit: Emit, repeat: Repeat | None = None) -> BuildReport:
    """Builds and delivers; a failed action is in the report, everything else that ends a run is raised.

    ``repeat`` keeps the report, to be given again while nothing changes.
    """
    started = clock.stopwatch()
    repeat = repeat or Repeat(request, where)
    with Recording(request, where, emit) as recording, repeat.watching():
        building = _Building(request, recording, repeat, started)
        reach = repeat.reach(where, recording.emit)
        if reach is not None:
            with closing(reach.site):
                building.part(reach)
        else:
            with closing(_session(request, where, recording.emit, repeat)) as session:
                building.whole(session)
        assert recording.report is not None
        return recording.report


def _session(request: BuildRequest, where: Where, emit: Emit, repeat: Repeat) -> Session:
    from piot.app.session.session import Session

    versions = dict(request.versions)
    return Session(where, emit, versions=versions, sources=repeat.sources, seen=repeat.seen)


class _Building:
    """One build, from a plan to what is kept of it; what came of it is the recording's ``report``."""

    def __init__(self, request: BuildRequest, recording: Recording, repeat: Repeat, started: float) -> None:
        self._request, self._recording, self._repeat = request, recording, repeat
        self._started = started
        self._delivers = not (request.dry_run or request.tests)

    def whole(self, session: Session) -> None:
        """Plans, and runs all of it."""
        from piot.app.building.planning import make_plan

        plan = make_plan(session, self._request)
        ran, delivered = self._made(session, plan)
        report = self._report(lambda: session, plan, ran, delivered)
        self._recording.report = report
        if not self._brings_links(session, plan, ran):
            self._repeat.keep(session, plan, report, results_of(session, ran))

    def part(self, reach: Reach) -> None:
        """Runs what changed files reach; what came of all else is known."""
        site, plan = reach.site, reach.plan
        ran, delivered = self._made(site, plan, reach.settled, reach.others)
        report = reach.report(self._report(lambda: self._session(site), plan, ran, delivered))
        self._recording.report = report
        if not self._brings_links(site, plan, ran):
            self._repeat.renew(reach, report, results_of(site, ran))

    def _made(
        self, site: Site, plan: BuildPlan, settled: Settled | None = None, others: Placed | None = None
    ) -> tuple[Outcomes, Delivered]:
        """Runs, and delivers what came of it."""
        request = self._request
        if self._delivers:
            with witness.resting():
                claim(site, request)  # refused before anything has run, not after
        self._recording.builds = site.state / "builds"
        self._repeat.leave_out(site)
        if self._delivers:
            return execute_for(site, request, plan, lambda ran: self._put(site, plan, ran, others), settled)
        ran = execute(site, request, plan, settled)
        for name, action in plan.actions.items() if request.dry_run else ():
            if ran[name].status == "ran":
                text = f"would run {action.label} ({action.mnemonic}): {ran[name].reason}"
                site.emit(Note(text=text))
        return ran, {}

    def _put(self, site: Site, plan: BuildPlan, ran: Outcomes, others: Placed | None) -> Delivered:
        with witness.resting():
            return deliver(site, self._request, plan, ran, others)

    def _session(self, site: Site) -> Session:
        return _session(self._request, site.where, site.emit, self._repeat)

    def _report(
        self, session: Callable[[], Session], plan: BuildPlan, ran: Outcomes, delivered: Delivered
    ) -> BuildReport:
        seconds = clock.stopwatch() - self._started
        found = hints(session, plan, ran)
        return report_of(self._request, plan, ran, delivered, seconds, found)

    def _brings_links(self, site: Site, plan: BuildPlan, ran: Outcomes) -> bool:
        return self._delivers and brings_links(site, plan, ran)
