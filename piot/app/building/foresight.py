"""What is known of actions before anything runs: the first steps of ``piot actions`` and ``piot explain``."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

from piot.app.building.planning import lacking, make_plan
from piot.app.building.request import BuildRequest
from piot.app.building.running import working
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.action import ActionId, CommandAction
from piot.model.events import Emit, Note
from piot.model.plan import BuildPlan
from piot.run.execute import Executor
from piot.run.outcome import Outcome
from piot.run.runner import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """An action before it runs; ``prepared`` is None while something that it is made from is not known.

    ``start`` is what makes the folder that it may start from, ``cached`` where there is such a folder.
    """

    action: CommandAction
    outcome: Outcome
    prepared: Prepared | None
    start: Foreseen | None = None

    @property
    def key(self) -> str | None:
        """The hash of its key; None while it is not known."""
        key = self.outcome.key or (self.prepared.keyed.key if self.prepared else None)
        return None if key is None else key.hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """The actions in an order in which they can run, what could run them, and the plan that they are of."""

    actions: tuple[Foreseen, ...]
    executor: Executor
    plan: BuildPlan

    @property
    def lacking(self) -> tuple[str, ...]:
        """A line for each target that cannot be built here."""
        return lacking(self.plan)


@contextmanager
def foresight(request: BuildRequest, where: Where, emit: Emit) -> Generator[Foresight, None, None]:
    """Plans, and looks everything up; nothing is run or fetched for a request that is a dry run."""
    with closing(Session(where, emit, versions=dict(request.versions))) as session:
        plan = make_plan(session, request)
        for note in plan.notes:
            emit(Note(text=note))
        with working(session, request, plan) as (executor, scheduler):
            found = scheduler.foresee(plan)
            actions = tuple(_foreseen(executor, action, found) for action in plan.actions.values())
            yield Foresight(actions=actions, executor=executor, plan=plan)


def waiting_for(executor: Executor, action: CommandAction) -> Iterator[str]:
    """What an action's key waits for: the actions before it, and what is not fetched."""
    yield from action.needs
    if lacks := executor.lacks(action):
        yield f"{lacks} pinned files that are not fetched yet"


def _foreseen(executor: Executor, action: CommandAction, found: Mapping[ActionId, Outcome]) -> Foreseen:
    results = {name: result for name in action.needs if (result := found[name].result) is not None}
    known = len(results) == len(action.needs) and not executor.lacks(action)
    prepared = executor.prepare(action, results) if known else None
    seen = Foreseen(action=action, outcome=found[action.id], prepared=prepared)
    return seen if action.start is None else replace(seen, start=_start(executor, seen, action.start.action))


def _start(executor: Executor, seen: Foreseen, action: CommandAction) -> Foreseen:
    base = None if seen.prepared is None else executor.base(seen.prepared)
    if base is None:
        return Foreseen(
            action=action, outcome=Outcome(status="ran", reason=seen.outcome.reason), prepared=None
        )
    hit = executor.look_up(base)
    if hit is not None:
        outcome = Outcome(status="cached", result=hit.result, key=hit.key)
    else:
        outcome = Outcome(status="ran", reason=executor.reason(base), key=base.keyed.key)
    return Foreseen(action=action, outcome=outcome, prepared=base)
