"""``piot explain``: whether each action of a target would run, and what differs from its last result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from piot.app.building.foresight import Foreseen, Foresight, foresight
from piot.app.building.request import BuildRequest
from piot.app.log import log
from piot.app.session.where import Where
from piot.model.build_record import BuildRecord
from piot.model.events import Emit
from piot.run.history import History
from piot.run.keys import difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One action: what it is of and does, whether it has a result (``cached``), and else why it would run.

    ``since`` says how it differs from what an earlier build had, only where that is asked for. What makes the
    folder that an action starts from stands before it, where it matters.
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
    with foresight(request, where, emit) as seen:
        lines = _now(seen) if earlier is None else _since(seen, *earlier)
        return tuple(lines), seen.lacking


def _now(seen: Foresight) -> Iterator[Explanation]:
    for each in seen.actions:
        if each.start is not None and each.start.prepared is not None and each.outcome.status != "cached":
            yield _explained(each.start)
        yield _explained(each)


def _since(seen: Foresight, number: int, record: BuildRecord) -> Iterator[Explanation]:
    history, build = seen.executor.history, f"build {number}"
    for each in seen.actions:
        then = record.find(each.action.id)
        if each.start is not None and then is not None and then.start is not None:
            yield _explained(each.start, _difference(history, each.start, then.start, build))
        yield _explained(each, _compared(history, each, record, build))


def _compared(history: History, each: Foreseen, record: BuildRecord, build: str) -> str:
    then, key = record.find(each.action.id), record.key_of(each.action.id)
    if then is None and key is None:
        return f"{build} did not have it"
    if key is None or (then is not None and then.status == "skipped"):
        return f"{build} did not come to it"
    failed = then is not None and then.status == "failed"
    return _difference(history, each, key, build, ", where it failed" if failed else "")


def _difference(history: History, each: Foreseen, key: str, build: str, ended: str = "") -> str:
    """The first difference between what an action is made from now and what it was when it had that key."""
    if each.prepared is None:
        return each.outcome.reason
    before = history.at(each.action.id, key)
    if before is None:
        return f"what {build} made it from is no longer remembered"
    changed = difference(before.parts, each.prepared.parts)
    return f"the same as in {build}{ended}" if changed is None else f"since {build}{ended}: {changed}"


def _explained(each: Foreseen, since: str | None = None) -> Explanation:
    action, outcome = each.action, each.outcome
    return Explanation(
        label=action.label,
        triple=action.triple,
        action=action.mnemonic,
        cached=outcome.status == "cached",
        reason=outcome.reason,
        key=None if outcome.key is None else outcome.key.hash,
        since=since,
    )
