"""Locks between processes, which end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from piot.effects.trouble import explained
from piot.errors import Interrupted

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1
_FAR = 1 << 30
"""Windows locks bytes, and keeps others from reading them: one far behind the owner's text."""


class FileLock:
    """An exclusive lock on ``path``, between threads as well as between processes.

    ``what`` is written into the file with the process id, for those who wait: ``on_wait`` gets the
    owner's text once, as soon as waiting begins. While waiting, ``stopped`` is asked; true raises
    Interrupted. The file is removed at release, so a lock leaves nothing behind.
    """

    def __init__(
        self,
        path: Path,
        *,
        what: str = "",
        on_wait: Callable[[str], object] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self._path = path
        self._owner = f"pid {os.getpid()} ({what})" if what else f"pid {os.getpid()}"
        self._on_wait = on_wait
        self._stopped = stopped
        self._file: int | None = None

    def __enter__(self) -> FileLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Waits until the lock is held; raises MachineError where a lock cannot be, and Interrupted."""
        pause = _FIRST_PAUSE
        while not self.try_acquire():
            if self._on_wait and pause == _FIRST_PAUSE:
                self._on_wait(self.owner())
            if self._stopped and self._stopped():
                raise Interrupted(f"interrupted while waiting for {self.owner()}")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def try_acquire(self) -> bool:
        """Takes the lock when it is free; False when somebody has it."""
        with explained("lock", self._path, absent=False):
            while True:
                file = self._open()
                try:
                    if not _lock(file):
                        return False
                    if _same(file, self._path):
                        self._sign(file)
                        self._file, file = file, -1
                        return True
                finally:
                    if file >= 0:
                        os.close(file)

    def release(self) -> None:
        """Gives the lock back; fine when it is not held."""
        if self._file is None:
            return
        with suppress(OSError):  # Windows removes no open file: it is left empty there
            self._path.unlink()
        os.close(self._file)
        self._file = None

    def owner(self) -> str:
        """Who holds the lock, as written by them; ``another process`` when they have not yet."""
        try:
            return self._path.read_text(errors="replace") or "another process"
        except OSError:
            return "another process"

    def _sign(self, file: int) -> None:
        os.truncate(file, 0)
        with suppress(OSError):  # a full disk takes no text, and the lock holds without it
            os.write(file, self._owner.encode(errors="replace"))

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT
        try:
            return os.open(self._path, flags, 0o644)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, flags, 0o644)


def _same(file: int, path: Path) -> bool:
    """Whether the locked file still is the one at ``path``: its last owner may have removed it."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
