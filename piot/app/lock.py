"""``piot lock``: pins tools in ``piot.lock`` and says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from piot.app.session import LOCK, Session
from piot.app.where import Where
from piot.effects import files
from piot.errors import MachineError
from piot.model.events import Emit, Note
from piot.model.pins import Pins, write_lock
from piot.run.lock import lock as resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A tool whose pin is not what it was; ``old`` is None for one that was not pinned at all."""

    name: str
    old: str | None
    new: str


def lock(requests: Sequence[str], where: Where, emit: Emit) -> tuple[Change, ...]:
    """Writes the pins of ``requests``; without any, those of the file, or of piot itself, are made anew."""
    session = Session(where, emit)
    own, before = session.own_pins, session.pins
    current = own if own is not None else Pins() if requests else session.default_pins
    if where.offline:
        raise MachineError("pinning tools needs the package index, which --offline forbids")
    fresh = resolve(
        requests, current, env=where.environ, report=lambda line: emit(Note(text=f"found {line}"))
    )
    files.write_atomic(session.root / LOCK, write_lock(fresh).encode())
    return tuple(_changes(before, fresh))


def _changes(old: Pins, new: Pins) -> Iterator[Change]:
    """By name; a new version, or the same one with other files."""
    pinned = {tool.name: tool for tool in old.tools}
    for tool in new.tools:
        was = pinned.get(tool.name)
        if was != tool:
            yield Change(name=tool.name, old=was.version if was else None, new=tool.version)
