"""What verbs say that build nothing: notes, and what this machine lacks."""

from __future__ import annotations

from collections.abc import Sequence

from piot.cli.terminal import Terminal
from piot.errors import MachineError
from piot.model import events


def say_lacking(lacking: Sequence[str], terminal: Terminal) -> int:
    """Says what cannot be built here; gives the exit code."""
    terminal.write("".join(f"cannot be built here: {line}\n" for line in lacking))
    return MachineError.exit_code if lacking else 0


def show_notes(terminal: Terminal) -> events.Emit:
    """Shows notes and warnings and nothing else, for verbs that run nothing."""

    def emit(event: events.Event) -> None:
        if isinstance(event, events.Note | events.Warning):
            terminal.write(f"note: {event.text}\n")

    return emit
