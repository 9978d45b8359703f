"""Commands end with everything they started, and whatever they print is in their log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects import spawn
from piot.errors import Interrupted, MachineError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts and process groups")

ENV = {"PATH": os.defpath}


@pytest.fixture(autouse=True)
def not_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spawn, "_stopping", False)


def run(script: str, folder: Path, *, timeout: float | None = None) -> int:
    return spawn.spawn(["sh", "-c", script], cwd=folder, env=ENV, log=folder / "log", timeout=timeout)


def is_alive(pid: int) -> bool:
    """A zombie of somebody else's is as good as dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until, "it did not happen within 20 seconds"
        time.sleep(0.01)


def pid_in(path: Path) -> int:
    wait_for(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


def test_stdout_and_stderr_stand_in_the_log_as_they_came(tmp_path: Path) -> None:
    assert run("echo one; echo two >&2; echo three", tmp_path) == 0
    assert (tmp_path / "log").read_text() == "one\ntwo\nthree\n"


def test_stdin_is_empty_and_the_environment_is_what_was_given(tmp_path: Path) -> None:
    assert run("cat; echo ${HOME-none}", tmp_path) == 0
    assert (tmp_path / "log").read_text() == "none\n"


@pytest.mark.parametrize(("script", "code"), [("exit 3", 3), ("kill -9 $$", -signal.SIGKILL)])
def test_the_exit_code_is_negative_for_a_signal(tmp_path: Path, script: str, code: int) -> None:
    assert run(script, tmp_path) == code


def test_a_program_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        spawn.spawn(["./no-such"], cwd=tmp_path, env=ENV, log=tmp_path / "log")
    assert str(caught.value) == "cannot run ./no-such: No such file or directory"


def test_a_log_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    log = tmp_path / "missing" / "log"
    with pytest.raises(MachineError) as caught:
        spawn.spawn(["true"], cwd=tmp_path, env=ENV, log=log)
    assert caught.value.message == f"cannot write {log}: No such file or directory"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems run a script that is open for writing")
def test_a_script_that_another_fork_still_holds_open_is_tried_again(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/bin/sh\necho ran\n")
    script.chmod(0o755)
    held = script.open("a")
    threading.Timer(0.03, held.close).start()
    assert spawn.spawn([str(script)], cwd=tmp_path, env=ENV, log=tmp_path / "log") == 0
    assert (tmp_path / "log").read_text() == "ran\n"


def test_after_its_time_a_command_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        run("trap '' TERM; sleep 60 & echo $! > child; wait", tmp_path, timeout=0.3)
    wait_for(lambda: not is_alive(pid_in(tmp_path / "child")))


def test_a_child_that_outlives_its_parent_is_ended(tmp_path: Path) -> None:
    assert run("sleep 60 & echo $! > child", tmp_path) == 0
    wait_for(lambda: not is_alive(pid_in(tmp_path / "child")))


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - looked at by the test
            raised.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    return thread, raised


def test_stop_all_ends_children_and_grandchildren_and_says_so(tmp_path: Path) -> None:
    script = "sh -c 'sleep 60 & echo $! > grandchild; wait' & echo $! > child; wait"
    thread, raised = in_thread(lambda: run(script, tmp_path))
    pids = [pid_in(tmp_path / "child"), pid_in(tmp_path / "grandchild")]
    assert all(is_alive(pid) for pid in pids)
    spawn.stop_all()
    thread.join()
    assert [str(error) for error in raised] == ["sh was interrupted"]
    assert isinstance(raised[0], Interrupted)
    wait_for(lambda: not any(is_alive(pid) for pid in pids))


def test_a_command_that_ends_with_0_when_it_is_interrupted_has_not_succeeded(tmp_path: Path) -> None:
    thread, raised = in_thread(lambda: run("trap 'exit 0' TERM; echo $$ > pid; sleep 60 & wait", tmp_path))
    pid_in(tmp_path / "pid")
    spawn.stop_all()
    thread.join()
    assert [type(error) for error in raised] == [Interrupted]


def test_a_command_that_ignores_the_signal_is_ended_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawn, "GRACE", 0.2)
    thread, raised = in_thread(
        lambda: run("trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done", tmp_path)
    )
    pid = pid_in(tmp_path / "pid")
    spawn.stop_all()
    thread.join()
    assert len(raised) == 1 and not is_alive(pid)


def test_what_is_started_after_stop_all_is_ended_at_once(tmp_path: Path) -> None:
    spawn.stop_all()
    assert spawn.stopping()
    with pytest.raises(Interrupted):
        run("trap '' TERM; sleep 60", tmp_path)


def test_a_second_interruption_ends_commands_without_grace(tmp_path: Path) -> None:
    """In a process of its own, whose main thread gets the signals."""
    program = f"""
import os, signal, threading, time
from pathlib import Path
from piot.effects import spawn
folder = Path({str(tmp_path)!r})
script = "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done"
work = lambda: spawn.spawn(["sh", "-c", script], cwd=folder, env={ENV!r}, log=folder / "log")
threading.Thread(target=work, daemon=True).start()
while not (folder / "pid").exists() or not (folder / "pid").read_text().endswith("\\n"):
    time.sleep(0.01)
while not spawn._running:
    time.sleep(0.01)
spawn.GRACE = 600
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
def interrupt():
    while not spawn.stopping():
        time.sleep(0.01)
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    spawn.stop_all()
except KeyboardInterrupt:
    print("interrupted again")
"""
    root = Path(spawn.__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PYTHONPATH": str(root)},
    )
    assert done.stdout == "interrupted again\n", done.stderr
    wait_for(lambda: not is_alive(pid_in(tmp_path / "pid")))
