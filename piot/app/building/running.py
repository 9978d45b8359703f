"""Runs a build plan against the store of this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from piot.app.building.reporting import Outcomes
from piot.app.building.request import BuildRequest
from piot.app.session.site import Site
from piot.effects import capacity, host
from piot.model import events
from piot.model.action import ActionId
from piot.model.plan import BuildPlan
from piot.run import bubblewrap, prefetch, standing
from piot.run.execute import Executor
from piot.run.history import History
from piot.run.index import StatIndex
from piot.run.inputs import Stager
from piot.run.outcome import Outcome
from piot.run.recall import Recall
from piot.run.roots import Roots
from piot.run.runner import Options
from piot.run.schedule import Limits, Scheduler, Settled
from piot.run.sources import SourceReader
from piot.run.stores.local import Missing

if TYPE_CHECKING:
    from piot.app.session.session import Session

T = TypeVar("T")


def execute(
    site: Site, request: BuildRequest, plan: BuildPlan, settled: Settled | None = None
) -> Mapping[ActionId, Outcome]:
    """The outcome of every action; with ``dry_run`` only what is known without running anything.

    With ``settled`` the plan is a part of a larger one.
    """
    with working(site, request, plan, whole=settled is None) as (_, scheduler):
        return scheduler.foresee(plan) if request.dry_run else scheduler.run(plan, settled)


@contextmanager
def working(
    site: Site, request: BuildRequest, plan: BuildPlan, *, whole: bool = True
) -> Generator[tuple[Executor, Scheduler], None, None]:
    """What runs actions; in a dry run nothing is fetched for it.

    What is remembered of all input roots takes longer to read than those of a few actions to compute: it is
    used for a ``whole`` plan only.
    """
    index = StatIndex(site.state / "index", site.root, seen=site.seen)
    roots, recall = memories = _memories(site, index) if whole else (None, None)
    stager = Stager(site.store, site.fetcher, None if roots is None else roots.of, recall)
    if not request.dry_run:
        prefetch.fetch_all(site.fetcher, stager, site.store, plan, site.emit)
    executor = _executor(site, request, stager, index)
    try:
        yield executor, Scheduler(executor, limits(site, request, plan), site.emit, site.store.temporary())
    finally:
        for memory in memories:
            if memory is not None:
                memory.save()
        executor.close()


def _executor(site: Site, request: BuildRequest, stager: Stager, index: StatIndex) -> Executor:
    told = site.seen and site.seen.contents
    return Executor(
        store=site.store,
        private=site.private,
        stager=stager,
        sources=SourceReader(site.root, index, site.store, site.overlay, told),
        history=History(site.state / "last"),
        logs=site.state / "logs",
        folders=site.state / standing.NAME,
        options=Options(
            level=sandbox_level(site, request),
            read=not request.no_cache,
            write=not request.no_cache,
            keep_sandbox=request.keep_sandbox,
            incremental=request.incremental,
            environment=site.where.environ,
        ),
    )


def _memories(site: Site, index: StatIndex) -> tuple[Roots, Recall | None]:
    roots = Roots(site.store, site.root)
    if site.seen is None:
        return roots, None
    return roots, Recall(site.store, site.root, site.seen, site.overlay.keys(), index.linked)


def execute_for(
    site: Site,
    request: BuildRequest,
    plan: BuildPlan,
    use: Callable[[Outcomes], T],
    settled: Settled | None = None,
) -> tuple[Outcomes, T]:
    """Runs the plan and hands on what came of it.

    Once more when the store turns out to have lost a file that is used: it is then made again.
    """
    ran = execute(site, request, plan, settled)
    try:
        return ran, use(ran)
    except Missing:
        ran = execute(site, request, plan, settled)
        return ran, use(ran)


def hints(
    session: Callable[[], Session], plan: BuildPlan, ran: Outcomes
) -> Mapping[ActionId, tuple[str, ...]]:
    """What to add where an action failed for a file that it does not have."""
    if all(outcome.status != "failed" for outcome in ran.values()):
        return {}
    from piot.app.building.undeclared import undeclared

    return undeclared(session(), plan, ran)


def limits(site: Site, request: BuildRequest, plan: BuildPlan) -> Limits:
    """How much runs at a time, and what runs although it has a result."""
    own = frozenset(name for each in plan.requested for name in each.actions if plan.actions[name].public)
    return Limits(
        jobs=request.jobs or site.terms.jobs or capacity.cpu_count(),
        memory=capacity.memory_bytes(),
        keep_going=request.keep_going,
        force=own if request.force else frozenset(),
    )


def sandbox_level(site: Site, request: BuildRequest) -> str:
    """The level that is asked for, else the strongest that works here; why it is not bubblewrap is said."""
    asked = request.sandbox or site.terms.sandbox
    if asked not in ("auto", "bwrap"):
        return asked
    paths = host.which("bwrap", site.where.environ.get("PATH", ""))
    obstacle = bubblewrap.obstacle(str(paths[0]) if paths else None, site.store)
    if obstacle is None:
        return "bwrap"
    if asked == "bwrap":
        raise bubblewrap.unusable(obstacle)
    bubblewrap.say_once(obstacle, site.state, lambda text: site.emit(events.Note(text=text)))
    return "dir"
