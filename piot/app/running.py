"""Runs a build plan against the store of this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from piot.app.reporting import Outcomes
from piot.app.request import BuildRequest
from piot.app.session import Session
from piot.effects import files, host
from piot.model import events
from piot.model.action import ActionId
from piot.model.plan import BuildPlan
from piot.run import bubblewrap, prefetch, standing
from piot.run.execute import Executor
from piot.run.history import History
from piot.run.index import StatIndex
from piot.run.inputs import Stager
from piot.run.recall import Recall
from piot.run.roots import Roots
from piot.run.runner import Options
from piot.run.schedule import Limits, Outcome, Scheduler
from piot.run.sources import SourceReader
from piot.run.stores.local import LocalStore, Missing

T = TypeVar("T")


def execute(session: Session, request: BuildRequest, plan: BuildPlan) -> Mapping[ActionId, Outcome]:
    """The outcome of every action; with ``dry_run`` only what is known without running anything."""
    with working(session, request, plan) as (_, scheduler):
        return scheduler.foresee(plan) if request.dry_run else scheduler.run(plan)


@contextmanager
def working(
    session: Session, request: BuildRequest, plan: BuildPlan
) -> Generator[tuple[Executor, Scheduler], None, None]:
    """What runs actions; in a dry run nothing is fetched for it."""
    roots = Roots(session.store, session.root)
    overlay = {path: text.encode() for path, text in session.repository.overlay.items()}
    recall = session.seen and Recall(session.store, session.root, session.seen, overlay.keys())
    stager = Stager(session.store, session.fetcher, roots.of, recall)
    if not request.dry_run:
        prefetch.fetch_all(session.fetcher, stager, session.store, plan, session.emit)
    index = StatIndex(session.state / "index", session.root, seen=session.seen)
    executor = Executor(
        store=session.store,
        private=LocalStore(session.store.root, results=session.state / "results"),
        stager=stager,
        sources=SourceReader(session.root, index, session.store, overlay),
        history=History(session.state / "last"),
        logs=session.state / "logs",
        folders=session.state / standing.NAME,
        options=Options(
            level=sandbox_level(session, request),
            read=not request.no_cache,
            write=not request.no_cache,
            keep_sandbox=request.keep_sandbox,
            incremental=request.incremental,
            environment=session.where.environ,
        ),
    )
    try:
        yield (
            executor,
            Scheduler(executor, limits(session, request, plan), session.emit, session.store.temporary()),
        )
    finally:
        roots.save()
        if recall is not None:
            recall.save()
        executor.close()


def execute_for(
    session: Session, request: BuildRequest, plan: BuildPlan, use: Callable[[Outcomes], T]
) -> tuple[Outcomes, T]:
    """Runs the plan and hands on what came of it.

    Once more when the store turns out to have lost a file that is used: it is then made again.
    """
    ran = execute(session, request, plan)
    try:
        return ran, use(ran)
    except Missing:
        ran = execute(session, request, plan)
        return ran, use(ran)


def results_of(session: Session, ran: Outcomes) -> tuple[Path, ...] | None:
    """The files that the store keeps the results of a run in; None when it lacks one."""
    stores = (LocalStore(session.store.root, results=session.state / "results"), session.store)
    found: list[Path] = []
    for outcome in ran.values():
        paths = [] if outcome.key is None else [store.result_path(outcome.key) for store in stores]
        kept = next((path for path in paths if files.look(path) is not None), None)
        if kept is None:
            return None
        found.append(kept)
    return tuple(found)


def hints(session: Session, plan: BuildPlan, ran: Outcomes) -> Mapping[ActionId, tuple[str, ...]]:
    """What to add where an action failed for a file that it does not have."""
    if all(outcome.status != "failed" for outcome in ran.values()):
        return {}
    from piot.app.undeclared import undeclared

    return undeclared(session, plan, ran)


def limits(session: Session, request: BuildRequest, plan: BuildPlan) -> Limits:
    """How much runs at a time, and what runs although it has a result."""
    own = frozenset(name for each in plan.requested for name in each.actions if plan.actions[name].public)
    return Limits(
        jobs=request.jobs or session.settings.jobs or host.cpu_count(),
        memory=host.memory_bytes(),
        keep_going=request.keep_going,
        force=own if request.force else frozenset(),
    )


def sandbox_level(session: Session, request: BuildRequest) -> str:
    """The level that is asked for, else the strongest that works here; why it is not bubblewrap is said."""
    asked = request.sandbox or session.settings.sandbox
    if asked not in ("auto", "bwrap"):
        return asked
    paths = host.which("bwrap", session.where.environ.get("PATH", ""))
    obstacle = bubblewrap.obstacle(str(paths[0]) if paths else None, session.store)
    if obstacle is None:
        return "bwrap"
    if asked == "bwrap":
        raise bubblewrap.unusable(obstacle)
    bubblewrap.say_once(obstacle, session.state, lambda text: session.emit(events.Note(text=text)))
    return "dir"
