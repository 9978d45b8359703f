"""Folders that stay from run to run: where they stand, and what is known of them.

One for each action, sandbox level and variant, below ``.piot/incremental``. What is known of it stands there
too; the folder itself stands outside of the checkout where tools would read settings of the checkout from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from piot.effects import files
from piot.effects.clock import now_ns
from piot.errors import MachineError
from piot.run import exec_folder, mounts
from piot.run.index import load_rows, save_rows
from piot.run.renewal import Noted

NAME = "incremental"
"""Of the folder below ``.piot``, and of that below `mounts.OUTSIDE`."""

OWNER = "of"
"""The file in a checkout's folder below `mounts.OUTSIDE` that names its ``.piot/incremental``."""

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the last run left: made from what, with mounts and tools where, and its inputs in ``folder``."""

    folder: Path
    parts: Mapping[str, str]
    places: Mapping[str, str]
    noted: Noted


class Standing:
    """The folder of one action; ``place`` is ``.piot/incremental`` of its checkout."""

    def __init__(self, place: Path, action: str, variant: str, level: str) -> None:
        name = hashlib.sha256(repr((action, variant, level)).encode()).hexdigest()[:16]
        self._place, self._level = place, level
        self._home = place / name
        self._known = self._home / "known"
        self.lock = self._home / "lock"

    def left(self) -> Left | None:
        """None when nothing is known, or when the clock was set back: times would mislead."""
        rows: dict[str, Any] = load_rows(self._known)
        if rows.get("format") != FORMAT or rows["ended"] > now_ns():
            return None
        folder = self._at(rows["folder"])
        if files.look(folder) is None:
            return None
        return Left(folder=folder, parts=rows["parts"], places=rows["places"], noted=rows["noted"])

    def fresh(self) -> Left:
        """A folder of a new name, so that a command that outlived its piot does not write into it."""
        folder = self._at(files.unique())
        for old in files.names(folder.parent):
            with suppress(MachineError):  # such a command still writes there: the next time then
                files.remove_tree(folder.parent / old)
        if not folder.is_relative_to(self._place):
            _sweep()
            files.write_atomic(outside(self._place) / OWNER, str(self._place).encode())
        files.make_directory(folder / "root")
        return Left(folder=folder, parts={}, places={}, noted={})

    def forget(self) -> None:
        """From now on, until ``keep``, nothing is known of it."""
        files.remove_file(self._known)

    def keep(self, left: Left) -> None:
        """Writes down what a run that has ended left."""
        rows = {"format": FORMAT, "ended": now_ns(), "folder": left.folder.name}
        known = {"parts": dict(left.parts), "places": dict(left.places), "noted": dict(left.noted)}
        save_rows(self._known, {**rows, **known})

    def _at(self, name: str) -> Path:
        return exec_folder.private(
            self._home / "folders" / name,
            outside(self._place) / self._home.name / name,
            level=self._level,
            way_out="leave out --incremental",
        )


def outside(place: Path) -> Path:
    """Where folders of the checkout with this ``.piot/incremental`` stand that cannot stand there."""
    return mounts.OUTSIDE / NAME / hashlib.sha256(str(place).encode()).hexdigest()[:16]


def _sweep() -> None:
    """Removes the folders of checkouts that are gone, or whose ``.piot`` is."""
    for name in files.names(mounts.OUTSIDE / NAME):
        folder = mounts.OUTSIDE / NAME / name
        with suppress(MachineError, FileNotFoundError):
            if files.look(Path(files.read_file(folder / OWNER).decode())) is None:
                files.remove_tree(folder)
