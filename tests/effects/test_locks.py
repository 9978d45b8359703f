"""Locks between processes and threads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from piot.effects.locks import FileLock
from piot.errors import Interrupted, MachineError

HOLD = """
import sys
from pathlib import Path
from piot.effects.locks import FileLock
with FileLock(Path(sys.argv[1]), what="piot build //a:b"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_waits_learns_who_holds_it_and_gets_it_when_they_end(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "x"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout and holder.stdin
        holder.stdout.readline()
        told: list[str] = []

        def on_wait(owner: str) -> None:
            told.append(owner)
            holder.kill()

        with FileLock(path, on_wait=on_wait):
            assert told == [f"pid {holder.pid} (piot build //a:b)"]


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    inside, most, total = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, total
        for _ in range(5):
            with FileLock(tmp_path / "x"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                total += 1
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, total) == (1, 20)


def test_a_released_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with FileLock(tmp_path / "x", what="me"):
        assert (tmp_path / "x").read_text() == f"pid {os.getpid()} (me)"
    assert list(tmp_path.iterdir()) == []


def test_a_held_lock_is_refused_to_who_does_not_wait(tmp_path: Path) -> None:
    other = FileLock(tmp_path / "x")
    with FileLock(tmp_path / "x"):
        assert not other.try_acquire()
    assert other.try_acquire()
    other.release()
    other.release()


def test_waiting_ends_when_the_run_is_stopped(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / "x"),
        pytest.raises(Interrupted, match=f"interrupted while waiting for pid {os.getpid()}"),
    ):
        FileLock(tmp_path / "x", stopped=lambda: True).acquire()


def test_a_lock_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MachineError, match=r"cannot lock .*/file/x: Not a directory"):
        FileLock(tmp_path / "file" / "x").acquire()
