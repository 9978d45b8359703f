"""What `piot publish` tells the steps after it in GitHub Actions, also of a run that fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from piot.ci.outputs import published_output
from piot.effects.appending import append
from piot.errors import MachineError
from piot.model.release.plan import PlannedPackage
from piot.model.release.steps import Outcome, Step


class StepOutputs(AbstractContextManager["StepOutputs"]):
    """Appends to the file that ``GITHUB_OUTPUT`` names, once and at the end, whatever the end is.

    A file that cannot be written is told with ``say``: what was sent is sent.
    """

    def __init__(self, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._into = environ.get("GITHUB_OUTPUT")
        self._say = say
        self._planned: Sequence[PlannedPackage] = ()
        self._steps: Sequence[Step] = ()
        self._outcomes: list[Outcome] = []

    def begins(self, planned: Sequence[PlannedPackage], steps: Sequence[Step]) -> None:
        """A release of these packages is going to be carried out."""
        self._planned, self._steps = planned, steps

    def told(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._into:
            return
        try:
            append(Path(self._into), published_output(self._planned, self._steps, self._outcomes))
        except MachineError as trouble:
            self._say(f"no outputs of this step: {trouble.message}")
