"""What a run of `piot publish` came to."""

from __future__ import annotations

from dataclasses import dataclass

from piot.model.release.artifact import Waiting
from piot.model.release.plan import ReleasePlan
from piot.model.release.steps import Outcome, Upload

INCOMPLETE = 6
"""The exit code of a release of which something is left; running it again is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """The plan, and the outcome of every step in the order in which they were taken.

    ``dry`` when nothing was sent: then a step that would be taken is ``left`` without detail.
    """

    plan: ReleasePlan
    outcomes: tuple[Outcome, ...]
    dry: bool = False

    @property
    def complete(self) -> bool:
        """Whether all is published and tagged."""
        return all(outcome.good for outcome in self.outcomes)

    @property
    def staged(self) -> tuple[tuple[Upload, Waiting], ...]:
        """The files that a person has to approve, in the order in which that has to be done."""
        return tuple(
            (each.step, each.waiting)
            for each in self.outcomes
            if isinstance(each.step, Upload) and each.waiting is not None
        )

    @property
    def exit_code(self) -> int:
        return 0 if self.complete or self.dry else INCOMPLETE
