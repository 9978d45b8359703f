"""``piot explain``: whether each action of a target would run, and what differs from its last result."""

from __future__ import annotations

from dataclasses import dataclass, replace

from piot.app.log import log
from piot.app.planning import make_plan
from piot.app.request import BuildRequest
from piot.app.running import Foreseen, execute, foreseen
from piot.app.session import Session
from piot.app.where import Where
from piot.model.action import CommandAction
from piot.model.build_record import BuildRecord
from piot.model.events import Emit, Note
from piot.model.plan import BuildPlan
from piot.run.execute import Executor
from piot.run.keys import difference
from piot.run.schedule import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One action: what it is of and does, whether it has a result (``cached``), and else why it would run.

    ``since`` says how it differs from what an earlier build had, only where that is asked for.
    """

    label: str
    triple: str | None
    action: str
    cached: bool
    reason: str
    key: str | None
    since: str | None = None


def explain(
    request: BuildRequest, where: Where, emit: Emit, *, since: int | None = None
) -> tuple[tuple[Explanation, ...], tuple[str, ...]]:
    """The actions in the order in which they would run, and what cannot be built here at all.

    Raises InputError when the build ``since`` is not remembered.
    """
    earlier = None if since is None else log(where, since)
    session = Session(where, emit, versions=dict(request.versions))
    try:
        plan = make_plan(session, request)
        for note in plan.notes:
            emit(Note(text=note))
        if earlier is not None:
            explained = _since(session, request, plan, *earlier)
        else:
            explained = _now(session, request, plan)
        lacking = (f"{each.target}: {'; '.join(map(str, each.lacks))}" for each in plan.unbuildable)
        return explained, tuple(lacking)
    finally:
        session.close()


def _now(session: Session, request: BuildRequest, plan: BuildPlan) -> tuple[Explanation, ...]:
    found = execute(session, request, plan)
    explained: list[Explanation] = []
    for name, action in plan.actions.items():
        outcome = found[name]
        if action.start is not None and outcome.start is not None:
            explained.append(_explained(action.start.action, outcome.start))
        explained.append(_explained(action, outcome))
    return tuple(explained)


def _since(
    session: Session, request: BuildRequest, plan: BuildPlan, number: int, record: BuildRecord
) -> tuple[Explanation, ...]:
    with foreseen(session, request, plan) as (executor, found):
        return tuple(
            replace(_explained(each.action, each.outcome), since=_compared(executor, each, number, record))
            for each in found
        )


def _compared(executor: Executor, each: Foreseen, number: int, record: BuildRecord) -> str:
    """The first difference between what an action is made from now and in an earlier build."""
    then = next((one for one in record.actions if one.id == each.action.id), None)
    key = record.key_of(each.action.id)
    if then is None and key is None:
        return f"build {number} did not have it"
    if key is None or (then is not None and then.status == "skipped"):
        return f"build {number} did not come to it"
    if each.prepared is None:
        return each.outcome.reason
    ended = ", where it failed" if then is not None and then.status == "failed" else ""
    before = executor.history.at(each.action.id, key)
    if before is None:
        return f"what build {number} made it from is no longer remembered"
    changed = difference(before.parts, each.prepared.parts)
    return (
        f"the same as in build {number}{ended}"
        if changed is None
        else f"since build {number}{ended}: {changed}"
    )


def _explained(action: CommandAction, outcome: Outcome) -> Explanation:
    return Explanation(
        label=action.label,
        triple=action.triple,
        action=action.mnemonic,
        cached=outcome.status == "cached",
        reason=outcome.reason,
        key=None if outcome.key is None else outcome.key.hash,
    )
