"""Carries out the steps of a release: what one failure does not concern goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from piot.errors import PiotError
from piot.model.artifact import Waiting
from piot.model.publish_steps import Outcome, Step, Upload

Do = Callable[[Step], "str | Waiting"]
"""Carries out one step; gives a detail worth telling, or what it waits for. Raises PiotError."""


def carry_out(steps: Iterable[Step], do: Do) -> Iterator[Outcome]:
    """One outcome per step, as they come; ``steps`` stand behind all that they come after.

    A step whose predecessor failed, or was left, is left; one whose predecessor waits for an approval too,
    unless it is going to wait for one itself. What is settled is not done again, whatever became of others.
    """
    bad, waiting = set[str](), set[str]()
    for step in steps:
        outcome = settled(step) or _blocked(step, bad, waiting) or _done(step, do)
        if outcome.fate == "staged":
            waiting.add(step.name)
        elif not outcome.good:
            bad.add(step.name)
        yield outcome


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


def _done(step: Step, do: Do) -> Outcome:
    try:
        said = do(step)
    except PiotError as error:
        return Outcome(step=step, fate="failed", detail=str(error))
    if isinstance(said, Waiting):
        return Outcome(step=step, fate="staged", waiting=said)
    return Outcome(step=step, fate="done", detail=said)
