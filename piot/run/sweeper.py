"""Removes the folders of actions that have ended, while whoever waited for them goes on."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from piot.effects import files
from piot.errors import MachineError

BEHIND = 8
"""How many folders may wait for their removal: they take up space on the disk."""


class Sweeper:
    """``remove`` may be called from any thread; ``close`` ends when everything is gone."""

    def __init__(self) -> None:
        self._folders: queue.Queue[Path | None] = queue.Queue(BEHIND)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._trouble: MachineError | None = None

    def remove(self, folder: Path) -> None:
        """Removes it soon; waits when too many others are waiting."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._sweep, name="sweeper", daemon=True)
                self._thread.start()
        self._folders.put(folder)

    def close(self) -> None:
        """Raises the first MachineError of a folder that could not be removed."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._folders.put(None)
            thread.join()
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _sweep(self) -> None:
        while (folder := self._folders.get()) is not None:
            try:
                files.remove_tree(folder)
            except MachineError as error:
                self._trouble = self._trouble or error
