"""Carries out the steps of a release: what one failure does not concern goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from piot.errors import PiotError
from piot.model.release.artifact import Waiting
from piot.model.release.steps import Outcome, Step, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Something was taken by its registry, which does not show it yet.

    ``finish`` waits until it does, and gives a detail worth telling. Raises PiotError.
    """

    finish: Callable[[], str]


@dataclass(frozen=True, slots=True)
class There:
    """An earlier run has carried out the step."""


Do = Callable[[Step], "str | There | Waiting | Later"]
"""Carries out one step; gives a detail worth telling, or what it waits for. Raises PiotError."""


def carry_out(steps: Iterable[Step], do: Do) -> Iterator[Outcome]:
    """One outcome per step, as they come; ``steps`` stand behind all that they come after.

    A step whose predecessor failed, or was left, is left; one whose predecessor waits for an approval too,
    unless it is going to wait for one itself. What is settled is not done again, whatever became of others.
    Registries that do not show yet what they took are waited for all at once, when nothing else can be done.
    """
    run, todo = _Run(do=do), tuple(steps)
    while todo:
        yield from run.all_that_can(todo)
        todo = tuple(run.put_off)
        yield from run.all_that_was_sent()


@dataclass(slots=True, kw_only=True)
class _Run:
    """``bad`` and ``waiting`` are names of steps; ``put_off`` are those that come after what was ``sent``."""

    do: Do
    bad: set[str] = field(default_factory=set[str])
    waiting: set[str] = field(default_factory=set[str])
    sent: list[tuple[Step, Later]] = field(default_factory=list[tuple[Step, Later]])
    put_off: list[Step] = field(default_factory=list[Step])

    def all_that_can(self, steps: Iterable[Step]) -> Iterator[Outcome]:
        self.put_off.clear()
        unknown = set[str]()
        for step in steps:
            if unknown.isdisjoint(step.after):
                found = settled(step) or _blocked(step, self.bad, self.waiting) or _tried(step, self.do)
                if isinstance(found, Outcome):
                    yield self._noted(found)
                    continue
                self.sent.append((step, found))
            else:
                self.put_off.append(step)
            unknown.add(step.name)

    def all_that_was_sent(self) -> Iterator[Outcome]:
        while self.sent:
            step, later = self.sent.pop(0)
            yield self._noted(_finished(step, later.finish))

    def _noted(self, outcome: Outcome) -> Outcome:
        if outcome.fate == "staged":
            self.waiting.add(outcome.step.name)
        elif not outcome.good:
            self.bad.add(outcome.step.name)
        return outcome


def settled(step: Step) -> Outcome | None:
    """What is known of a step before anything is done."""
    if not isinstance(step, Upload):
        return None
    if step.settled:
        return Outcome(step=step, fate="there")
    return None if step.waiting is None else Outcome(step=step, fate="staged", waiting=step.waiting)


def _blocked(step: Step, bad: Collection[str], waiting: Collection[str]) -> Outcome | None:
    for name in step.after:
        if name in bad:
            return Outcome(step=step, fate="left", detail=f"{name} has to be there before")
    if isinstance(step, Upload) and step.stage:
        return None
    for name in step.after:
        if name in waiting:
            return Outcome(step=step, fate="left", detail=f"{name} has to be approved before")
    return None


def _tried(step: Step, do: Do) -> Outcome | Later:
    try:
        said = do(step)
    except PiotError as error:
        return _failed(step, error)
    match said:
        case Later():
            return said
        case There():
            return Outcome(step=step, fate="there")
        case Waiting():
            return Outcome(step=step, fate="staged", waiting=said)
        case _:
            return Outcome(step=step, fate="done", detail=said)


def _finished(step: Step, finish: Callable[[], str]) -> Outcome:
    try:
        return Outcome(step=step, fate="done", detail=finish())
    except PiotError as error:
        return _failed(step, error)


def _failed(step: Step, error: PiotError) -> Outcome:
    return Outcome(step=step, fate="failed", detail=str(error))
