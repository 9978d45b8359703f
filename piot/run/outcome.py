"""What became of an action, and what is said of that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from piot.effects import files
from piot.model.action import ActionId, CommandAction
from piot.model.digest import Digest
from piot.model.events import ActionFinished, ActionStatus
from piot.model.result import ActionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an action. ``because`` is the action that failed when this one was skipped.

    ``start`` is the key of the folder that it started from, or made for the next one.
    """

    status: ActionStatus
    result: ActionResult | None = None
    key: Digest | None = None
    reason: str = ""
    seconds: float = 0.0
    log: Path | None = None
    message: str = ""
    because: ActionId | None = None
    kept: Path | None = None
    start: Digest | None = None
    incremental: bool = False


def finished(action: CommandAction, outcome: Outcome, because: str | None) -> ActionFinished:
    """What is said of it; ``because`` is the label of the action that failed when this one was skipped."""
    return ActionFinished(
        id=action.id,
        status=outcome.status,
        seconds=outcome.seconds,
        reason=outcome.message or outcome.reason if because is None else f"{because} failed",
        log_path=None if outcome.log is None else str(outcome.log),
        output=b"" if outcome.log is None else files.read_file(outcome.log),
        label=action.label,
        description=action.mnemonic,
        key=None if outcome.key is None else outcome.key.hash,
        needs=action.needs,
        start=None if outcome.start is None else outcome.start.hash,
    )
