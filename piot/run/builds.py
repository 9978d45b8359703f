"""The last builds of a checkout, numbered from 1: for ``piot log`` and ``piot explain --since``."""

from __future__ import annotations

import json
from pathlib import Path

from piot.effects import files
from piot.effects.locks import FileLock
from piot.model.build_record import BuildRecord
from piot.run.history import EARLIER

KEPT = 50
"""How many are remembered; some tens of kilobytes each where there are a thousand targets."""


class Builds:
    """Records below ``.piot/builds``; a damaged one counts as none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: BuildRecord) -> int:
        """Adds a record and gives its number; the oldest make room."""
        data = json.dumps(record.to_json(), separators=(",", ":")).encode()
        with FileLock(self._folder.with_name("builds.lock"), what="remembers a build"):
            known = self.numbers()
            number = max(known, default=0) + 1
            files.write_atomic(self._file(number), data)
            self._forget(known[: len(known) + 1 - KEPT])
        return number

    def numbers(self) -> tuple[int, ...]:
        """Those that are remembered, the oldest first."""
        stems = (name.removesuffix(".json") for name in files.names(self._folder) if name.endswith(".json"))
        return tuple(sorted(int(stem) for stem in stems if stem.isascii() and stem.isdecimal()))

    def read(self, number: int) -> BuildRecord | None:
        """None when it is not, or no longer, remembered."""
        try:
            return BuildRecord.from_json(json.loads(files.read_file(self._file(number))))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def last(self) -> tuple[int, BuildRecord] | None:
        """The latest one that can be read, with its number."""
        for number in reversed(self.numbers()):
            record = self.read(number)
            if record is not None:
                return number, record
        return None

    def _file(self, number: int) -> Path:
        return self._folder / f"{number}.json"

    def _forget(self, numbers: tuple[int, ...]) -> None:
        """With the earlier results (`history`) that were replaced before the last of these ended."""
        ended = [found.modified for number in numbers if (found := files.look(self._file(number)))]
        for number in numbers:
            files.remove_file(self._file(number))
        earlier = self._folder.with_name(EARLIER)
        for entry in files.scan(earlier) if ended else ():
            if entry.modified <= max(ended):
                files.remove_file(earlier / entry.path)
