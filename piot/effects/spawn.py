"""Long commands: their output goes to a file as it comes, and they end with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from piot.errors import MachineError

_running: set[subprocess.Popen[bytes]] = set()
_lock = threading.Lock()
_stopping = False


def spawn(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    timeout: float | None = None,
    keep: Sequence[int] = (),
) -> int:
    """Runs ``argv`` in a process group of its own; stdout and stderr go to ``log`` as they come.

    Gives the exit code, negative for the signal that ended it. ``keep`` are file descriptors that it
    inherits. Raises MachineError when it cannot be started and TimeoutError after ``timeout`` seconds.
    """
    with log.open("wb") as output:
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",
                pass_fds=tuple(keep),
            )
        except OSError as error:
            raise MachineError(f"cannot run {argv[0]}: {error.strerror or error}") from error
    with _lock:
        _running.add(process)
        stopped = _stopping
    if stopped:
        _end(process, signal.SIGTERM)
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    finally:
        _finish(process)


def stop_all() -> None:
    """Ends every running command and whatever it started: first kindly, after two seconds for good."""
    global _stopping  # noqa: PLW0603 - a command started meanwhile must see it
    with _lock:
        _stopping = True
        running = list(_running)
    for process in running:
        _end(process, signal.SIGTERM)
    for process in running:
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            _end(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)


def _finish(process: subprocess.Popen[bytes]) -> None:
    """Children that outlive their parent (a daemon a build script started) end with it."""
    _end(process, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    process.wait()
    with _lock:
        _running.discard(process)


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    try:
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, how)
    except (ProcessLookupError, PermissionError):
        pass
