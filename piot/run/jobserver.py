"""One GNU make jobserver for everything that piot starts, so that two cargos share the processors.

A fifo holds one byte per processor. An action takes one byte while it runs (its implicit slot);
cargo and make take further ones for parallel jobs.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from piot.effects import files


class Jobserver:
    """``slots`` processors to share; ``fifo`` is None where there are no fifos (Windows).

    The fifo is made at ``path`` on entry and removed on exit.
    """

    def __init__(self, path: Path, slots: int) -> None:
        self.fifo: Path | None = None
        self._path = path
        self._slots = slots
        self._free = slots
        self._handle = -1

    def __enter__(self) -> Jobserver:
        if sys.platform != "win32":
            files.make_directory(self._path.parent)
            with files.explained("create", self._path, absent=False):
                os.mkfifo(self._path, 0o600)
                self._handle = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
            os.write(self._handle, b"+" * self._slots)
            self.fifo = self._path
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.fifo is not None:
            os.close(self._handle)
            files.remove_file(self.fifo)
            self.fifo = None

    def take(self) -> bool:
        """One slot, if one is free right now."""
        if self.fifo is None:
            free = self._free > 0
            self._free -= free
            return free
        return bool(self._read(1))

    def give(self) -> None:
        """A slot back."""
        if self.fifo is None:
            self._free += 1
        else:
            os.write(self._handle, b"+")

    def refill(self) -> None:
        """All slots are free again: to be called when nothing runs.

        A cargo that was killed never gave back the slots that it had taken.
        """
        self._free = self._slots
        if self.fifo is not None:
            while self._read(self._slots):
                pass
            os.write(self._handle, b"+" * self._slots)

    def _read(self, count: int) -> bytes:
        try:
            return os.read(self._handle, count)
        except BlockingIOError:
            return b""
