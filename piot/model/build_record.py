"""What one build did: when, by which command, what ran for how long, and what had to wait for what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias, get_args

BuildStatus: TypeAlias = Literal["done", "failed", "interrupted", "error"]
RecordedStatus: TypeAlias = Literal["ran", "failed", "skipped", "interrupted"]

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAction:
    """An action that was not simply found in the store.

    ``started`` and ``ended`` are seconds since the invocation, ``started`` None when it never ran;
    ``seconds`` is the time of its command. ``lane`` is the scheduler's slot, from 0. ``after`` are the
    nearest actions of this build that ran before it because it needs them, directly or by way of cached ones.
    ``start`` is the key of the folder that it started from, or made for the next one; None for none.
    """

    id: str
    label: str
    does: str
    status: RecordedStatus
    started: float | None = None
    ended: float = 0.0
    seconds: float = 0.0
    lane: int = 0
    reason: str = ""
    key: str | None = None
    log: str | None = None
    start: str | None = None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRecord:
    """One build. ``words`` are those of its command line, ``started_ns`` counts since 1970.

    ``planned`` and ``acted`` are seconds since the invocation: when the plan was made and everything
    fetched, and when the last action was done with. ``cached`` has the keys of what was found in the store.
    ``actions`` stand in the order in which they ended.
    """

    words: tuple[str, ...]
    started_ns: int
    seconds: float
    status: BuildStatus
    error: str | None = None
    planned: float = 0.0
    acted: float = 0.0
    actions: tuple[RecordedAction, ...] = ()
    cached: Mapping[str, str]

    def find(self, action: str) -> RecordedAction | None:
        """What was done for an action; None when nothing had to be, or when it is not of this build."""
        return next((each for each in self.actions if each.id == action), None)

    def key_of(self, action: str) -> str | None:
        """The key that an action had, None when it had none yet or is not of this build."""
        found = self.find(action)
        return (None if found is None else found.key) or self.cached.get(action)

    def critical_path(self) -> tuple[RecordedAction, ...]:
        """The chain of actions, each needing the one before it, whose commands took longest in all.

        No number of processors makes the build shorter than that.
        """
        total: dict[str, float] = {}
        before: dict[str, RecordedAction | None] = {}
        by_id = {each.id: each for each in self.actions if each.started is not None}
        for each in by_id.values():  # what an action needs has ended before it
            needs = [by_id[name] for name in each.after if name in total]
            before[each.id] = max(needs, key=lambda need: total[need.id], default=None)
            total[each.id] = each.seconds + max((total[need.id] for need in needs), default=0.0)
        chain: list[RecordedAction] = []
        last = by_id[max(total, key=lambda name: total[name])] if total else None
        while last is not None:
            chain.append(last)
            last = before[last.id]
        return tuple(reversed(chain))

    def to_json(self) -> dict[str, object]:
        """An object that ``from_json`` reads back."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_json(cls, data: Any) -> BuildRecord:
        """Raises ValueError, KeyError or TypeError for anything that ``to_json`` did not write."""
        fields = dict(data)
        if fields.pop("schema") != SCHEMA or fields["status"] not in get_args(BuildStatus):
            raise ValueError("not a record of a build")
        actions = tuple(_action(dict(each)) for each in fields.pop("actions"))
        cached = {str(name): str(key) for name, key in dict(fields.pop("cached")).items()}
        return cls(words=tuple(map(str, fields.pop("words"))), actions=actions, cached=cached, **fields)


def _action(fields: dict[str, Any]) -> RecordedAction:
    if fields["status"] not in get_args(RecordedStatus):
        raise ValueError("not a record of an action")
    return RecordedAction(after=tuple(map(str, fields.pop("after"))), **fields)
