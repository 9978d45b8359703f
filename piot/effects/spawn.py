"""Long commands: their output goes to a file as it comes, and they end with everything they started."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from piot.effects.trouble import explained
from piot.errors import Interrupted, MachineError

if TYPE_CHECKING:
    import subprocess

GRACE = 2.0
"""Seconds between the request to end and the end, for all commands together."""

_BUSY_PAUSES = (0.01, 0.05, 0.2, 1.0)

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
) -> int:
    """Runs ``argv`` in a process group of its own; stdout and stderr go to ``log`` as they come.

    Gives the exit code, negative for the signal that ended it. Raises MachineError when it cannot be
    started, TimeoutError after ``timeout`` seconds, and Interrupted when ``stop_all`` was called before
    it ended: a command that takes the signal well may end with 0 and half of its work.
    """
    from subprocess import TimeoutExpired

    with explained("write", log, absent=False), log.open("wb") as output:
        process = _started(argv, cwd, env, output.fileno())
    with _lock:
        _running.add(process)
    if stopping():
        _end(process, _FOR_GOOD)
    try:
        code = process.wait(timeout)
    except TimeoutExpired as error:
        raise TimeoutError from error
    finally:
        _finish(process)
    if stopping():
        raise Interrupted(f"{argv[0]} was interrupted")
    return code


def stopping() -> bool:
    """Whether ``stop_all`` was called: nothing new is to be begun."""
    with _lock:
        return _stopping


def stop_all() -> None:
    """Ends every running command and whatever it started: first kindly, after two seconds for good.

    A second Ctrl-C meanwhile ends them at once.
    """
    global _stopping  # noqa: PLW0603 - a command started meanwhile must see it
    with _lock:
        _stopping = True
        running = list(_running)
    try:
        for process in running:
            _end(process, signal.SIGTERM)
        _wait(running, GRACE)
    finally:
        for process in running:
            if process.poll() is None:
                _end(process, _FOR_GOOD)


def _started(argv: Sequence[str], cwd: Path, env: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    """A script that was just written is busy while a fork of another thread holds it open: tries again."""
    import subprocess

    for pause in (*_BUSY_PAUSES, None):
        try:
            return subprocess.Popen(
                list(argv),
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=sys.platform != "win32",
            )
        except OSError as error:
            if error.errno != errno.ETXTBSY or pause is None:
                raise MachineError(f"cannot run {argv[0]}: {error.strerror or error}") from error
            time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def _wait(processes: Iterable[subprocess.Popen[bytes]], seconds: float) -> None:
    from subprocess import TimeoutExpired

    until = time.monotonic() + seconds
    for process in processes:
        with suppress(TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))


def _finish(process: subprocess.Popen[bytes]) -> None:
    """Children that outlive their parent (a daemon a build script started) end with it."""
    _end(process, _FOR_GOOD)
    process.wait()
    with _lock:
        _running.discard(process)


if sys.platform == "win32":
    _FOR_GOOD = signal.SIGTERM
else:
    _FOR_GOOD = signal.SIGKILL


def _end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.terminate()  # what it started ends with the launcher (`windows_launch`)
        else:
            os.killpg(process.pid, how)
