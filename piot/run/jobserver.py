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
    """``slots`` processors to share; ``fifo`` is None where there are no fifos (Windows)."""

    def __init__(self, folder: Path, slots: int) -> None:
        self.fifo: Path | None = None
        self._folder = folder
        self._slots = slots
        self._free = slots
        self._handle = -1

    def __enter__(self) -> Jobserver:
        if sys.platform != "win32":
            files.make_directory(self._folder)
            path = self._folder / f"jobs-{files.unique()}"
            os.mkfifo(path, 0o600)
            self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
            os.write(self._handle, b"+" * self._slots)
            self.fifo = path
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
            self._free -= self._free > 0
            return self._free >= 0
        try:
            return len(os.read(self._handle, 1)) == 1
        except BlockingIOError:
            return False

    def give(self) -> None:
        """A slot back."""
        if self.fifo is None:
            self._free += 1
        else:
            os.write(self._handle, b"+")
