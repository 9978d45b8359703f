"""Carries out the steps of a release: what one failure does not concern goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from piot.errors import PiotError
from piot.model.publish_steps import Outcome, Step, Upload

Do = Callable[[Step], str]
"""Carries out one step; gives a detail worth telling, raises PiotError when it fails."""


def carry_out(steps: Iterable[Step], do: Do) -> Iterator[Outcome]:
    """One outcome per step, as they come; ``steps`` stand behind all that they come after.

    A step whose predecessor failed, or was left, is left. What is settled is not done again, whatever
    became of others.
    """
    bad: set[str] = set()
    for step in steps:
        outcome = _outcome(step, bad, do)
        if not outcome.good:
            bad.add(step.name)
        yield outcome


def _outcome(step: Step, bad: set[str], do: Do) -> Outcome:
    if isinstance(step, Upload) and step.settled:
        return Outcome(step=step, fate="there")
    blocking = next((name for name in step.after if name in bad), None)
    if blocking is not None:
        return Outcome(step=step, fate="left", detail=f"{blocking} has to be there before")
    try:
        detail = do(step)
    except PiotError as error:
        return Outcome(step=step, fate="failed", detail=str(error))
    return Outcome(step=step, fate="done", detail=detail)
