"""Keeps account of a build from its events, so that it can be told afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from piot.model import events
from piot.model.build_record import BuildRecord, BuildStatus, RecordedAction


@dataclass(frozen=True, slots=True)
class _Begun:
    event: events.ActionStarted
    at: float
    lane: int


@dataclass(frozen=True, slots=True)
class _Done:
    event: events.ActionFinished
    at: float
    begun: _Begun | None


class Ledger:
    """Hears every event with its time, in seconds since the invocation; not for several threads at once."""

    def __init__(self) -> None:
        self.planned: float | None = None
        self._running: dict[str, _Begun] = {}
        self._done: dict[str, _Done] = {}

    def hear(self, event: events.Event, at: float) -> None:
        """Takes an event into account; those of other kinds say nothing here."""
        match event:
            case events.BuildStarted():
                self.planned = at if self.planned is None else self.planned
            case events.ActionStarted() if event.id not in self._running:
                self._running[event.id] = _Begun(event, at, self._free_lane())
            case events.ActionFinished():
                begun = self._running.pop(event.id, None)
                before = self._done.get(event.id)
                if before is None or event.status != "cached":  # else what ran a moment ago is looked up
                    self._done.pop(event.id, None)
                    self._done[event.id] = _Done(event, at, begun)
            case _:
                pass

    def record(
        self, words: tuple[str, ...], started_ns: int, *, at: float, status: BuildStatus, error: str | None
    ) -> BuildRecord:
        """All that was heard, ending at ``at``; what still runs then was interrupted."""
        ended = [done.at for done in self._done.values()]
        planned = at if self.planned is None else self.planned
        return BuildRecord(
            words=words,
            started_ns=started_ns,
            seconds=round(at, 6),
            status=status,
            error=error,
            planned=round(planned, 6),
            acted=round(at if self._running else max(ended, default=planned), 6),
            actions=(*self._finished(), *(_interrupted(begun, at) for begun in self._running.values())),
            cached={
                name: done.event.key
                for name, done in self._done.items()
                if done.event.status == "cached" and done.event.key is not None
            },
        )

    def _free_lane(self) -> int:
        taken = {begun.lane for begun in self._running.values()}
        return next(lane for lane in range(len(taken) + 1) if lane not in taken)

    def _finished(self) -> Iterator[RecordedAction]:
        for name, done in self._done.items():
            event, begun = done.event, done.begun
            if event.status == "cached":
                continue
            yield RecordedAction(
                id=name,
                label=event.label,
                does=event.description if begun is None else begun.event.description,
                status=event.status,
                started=None if begun is None else round(begun.at, 6),
                ended=round(done.at, 6),
                seconds=round(event.seconds, 6),
                lane=0 if begun is None else begun.lane,
                reason=event.reason,
                key=event.key,
                log=event.log_path,
                start=event.start,
                after=tuple(self._after(event)),
            )

    def _after(self, event: events.ActionFinished) -> Iterator[str]:
        """What it needs of what ran, through whatever was cached between."""
        stack, seen = list(reversed(event.needs)), set[str]()
        while stack:
            name = stack.pop()
            done = self._done.get(name)
            if name in seen or done is None:
                continue
            seen.add(name)
            if done.begun is not None:
                yield name
            else:
                stack.extend(reversed(done.event.needs))


def _interrupted(begun: _Begun, at: float) -> RecordedAction:
    return RecordedAction(
        id=begun.event.id,
        label=begun.event.label,
        does=begun.event.description,
        status="interrupted",
        started=round(begun.at, 6),
        ended=round(at, 6),
        seconds=round(at - begun.at, 6),
        lane=begun.lane,
    )
