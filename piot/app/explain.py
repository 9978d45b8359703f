"""``piot explain``: whether each action of a target would run, and what differs from its last result."""

from __future__ import annotations

from dataclasses import dataclass

from piot.app.planning import make_plan
from piot.app.request import BuildRequest
from piot.app.running import execute
from piot.app.session import Session
from piot.app.where import Where
from piot.model.action import CommandAction
from piot.model.events import Emit, Note
from piot.run.schedule import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One action: what it is of and does, whether it has a result (``cached``), and else why it would run."""

    label: str
    triple: str | None
    action: str
    cached: bool
    reason: str
    key: str | None


def explain(
    request: BuildRequest, where: Where, emit: Emit
) -> tuple[tuple[Explanation, ...], tuple[str, ...]]:
    """The actions in the order in which they would run, and what cannot be built here at all."""
    session = Session(where, emit, versions=dict(request.versions))
    try:
        plan = make_plan(session, request)
        for note in plan.notes:
            emit(Note(text=note))
        found = execute(session, request, plan)
        lacking = (f"{each.target}: {'; '.join(map(str, each.lacks))}" for each in plan.unbuildable)
        explained: list[Explanation] = []
        for name, action in plan.actions.items():
            outcome = found[name]
            if action.start is not None and outcome.start is not None:
                explained.append(_explained(action.start.action, outcome.start))
            explained.append(_explained(action, outcome))
        return tuple(explained), tuple(lacking)
    finally:
        session.close()


def _explained(action: CommandAction, outcome: Outcome) -> Explanation:
    return Explanation(
        label=action.label,
        triple=action.triple,
        action=action.mnemonic,
        cached=outcome.status == "cached",
        reason=outcome.reason,
        key=None if outcome.key is None else outcome.key.hash,
    )
