"""What runs when, what a failure stops, and how runs end that do not end by themselves."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from piot.errors import Interrupted
from piot.model import events
from piot.model.action import CommandAction
from piot.model.digest import Digest
from piot.model.plan import BuildPlan
from piot.model.result import ActionResult
from piot.run.execute import Executor
from piot.run.jobserver import Jobserver
from piot.run.runner import Ran
from piot.run.schedule import Limits, Scheduler
from piot.run.stores.maintain import gc
from tests.support.checkout import Checkout, MakeCheckout, Run, command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and shells")


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not what():
        assert time.monotonic() < until, "it did not happen within 30 seconds"
        time.sleep(0.01)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def order(run: Run) -> list[str]:
    return [each.label for each in run.said if isinstance(each, events.ActionFinished)]


BRANCHES = (
    command("a", "exit 1", outputs=("a",))
    + command("b", "cat $(location :a) > b", deps=[":a"], outputs=("b",))
    + command("c", "cat $(location :b) > c", deps=[":b"], outputs=("c",))
    + command("x", "echo x > x", outputs=("x",))
    + command("y", "cat $(location :x) > y", deps=[":x"], outputs=("y",))
)


def test_with_keep_going_only_what_depends_on_a_failure_is_left_out(make_checkout: MakeCheckout) -> None:
    run = make_checkout(BRANCHES).build(keep_going=True)
    assert run.actions == {
        "//:a": "failed",
        "//:b": "skipped",
        "//:c": "skipped",
        "//:x": "ran",
        "//:y": "ran",
    }
    assert run.reasons["//:b"] == run.reasons["//:c"] == "//:a failed"
    assert [(run.target(name).status, run.target(name).reason) for name in ("//:b", "//:c")] == [
        ("skipped", "//:a failed")
    ] * 2
    assert run.target("//:y").status == "built"
    assert (run.report.ran, run.report.failed, run.report.exit_code) == (2, 1, 1)


def test_without_keep_going_nothing_more_is_started(make_checkout: MakeCheckout) -> None:
    run = make_checkout(BRANCHES).build(jobs=1)
    assert run.actions == {
        "//:a": "failed",
        "//:b": "skipped",
        "//:c": "skipped",
        "//:x": "skipped",
        "//:y": "skipped",
    }
    assert run.target("//:y").reason == "//:a failed"


def test_what_already_runs_when_something_fails_is_finished_and_kept(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    checkout = make_checkout(
        command("bad", f"{UNTIL.format(tmp_path / 'begun')}; exit 1")
        + command("good", f"touch {tmp_path}/begun; sleep 0.3; echo 1 > out", outputs=("out",))
    )
    assert checkout.build(jobs=2).actions == {"//:bad": "failed", "//:good": "ran"}
    assert checkout.build("//:good").actions == {"//:good": "cached"}


def test_cached_results_are_told_in_the_order_of_the_plan(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(BRANCHES.replace("exit 1", "echo > a"))
    checkout.build()
    assert order(checkout.build()) == ["//:a", "//:b", "//:c", "//:x", "//:y"]


def busy(number: int, folder: Path) -> str:
    """Notes in ``folder`` how many run at once."""
    script = (
        f"touch {folder}/{number}; sleep 0.15; ls {folder} | wc -l >> {folder}.counts; rm {folder}/{number}"
    )
    return command(f"busy{number}", script)


@pytest.mark.parametrize("jobs", [1, 2])
def test_no_more_run_at_once_than_there_are_jobs(
    make_checkout: MakeCheckout, tmp_path: Path, jobs: int
) -> None:
    folder = tmp_path / "running"
    folder.mkdir()
    checkout = make_checkout("".join(busy(number, folder) for number in range(5)))
    assert checkout.build(jobs=jobs).report.ok
    counts = [int(line) for line in lines(tmp_path / "running.counts")]
    assert len(counts) == 5 and max(counts) == jobs


UNTIL = "i=0; while [ ! -e {} ]; do i=$((i+1)); [ $i -lt 1000 ] || exit 1; sleep 0.01; done"
"""Waits for a file, at most ten seconds."""


def test_a_slot_that_a_child_gives_back_is_used_at_once(
    make_checkout: MakeCheckout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if cargo, in ``greedy``, had taken the second slot for a while."""
    calls: list[int] = []
    take = Jobserver.take

    def taken_meanwhile(server: Jobserver) -> bool:
        calls.append(1)
        return take(server) if len(calls) not in (2, 3, 4) else False

    monkeypatch.setattr(Jobserver, "take", taken_meanwhile)
    checkout = make_checkout(
        command("greedy", UNTIL.format(tmp_path / "other")) + command("other", f"touch {tmp_path}/other")
    )
    assert checkout.build(jobs=2).report.ok
    assert len(calls) == 5


def test_slots_that_children_took_with_them_are_there_again(make_checkout: MakeCheckout) -> None:
    """Each needs both slots: its own and one more, which it never gives back."""
    thief = (
        'fifo=${MAKEFLAGS#*fifo:}; head -c 1 "$fifo" > token & '
        "i=0; while [ ! -s token ]; do i=$((i+1)); [ $i -lt 500 ] || exit 1; sleep 0.01; done; echo > out"
    )
    checkout = make_checkout(
        command("a", thief, outputs=("out",))
        + command("b", thief, deps=[":a"], outputs=("out",))
        + command("c", thief, deps=[":b"])
    )
    run = checkout.build("//:c", jobs=2)
    assert run.actions == {"//:a": "ran", "//:b": "ran", "//:c": "ran"}


def test_the_fifo_is_removed_also_after_a_failure(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "exit 1"))
    checkout.build()
    assert list((checkout.store.root / "tmp").iterdir()) == []


def nothing(*_: object) -> str:
    return "nothing"


class Memory:
    """Runs actions by sleeping, and notes the most memory that they were given at once."""

    def __init__(self) -> None:
        self.used = self.most = 0
        self.guard = threading.Lock()
        self.history = SimpleNamespace(keep=nothing)

    def recall(self, _action: object, _results: object, **_: object) -> None:
        return None

    def prepare(self, action: CommandAction, _results: object) -> object:
        return SimpleNamespace(action=action, keyed=SimpleNamespace(key=Digest.of(b"")), parts={})

    def look_up(self, _prepared: object, **_: object) -> None:
        return None

    def reason(self, _prepared: object) -> str:
        return ""

    def perform(self, prepared: Any, _jobserver: object, **_: object) -> Ran:
        with self.guard:
            self.used += prepared.action.memory
            self.most = max(self.most, self.used)
        time.sleep(0.05)
        with self.guard:
            self.used -= prepared.action.memory
        return Ran(result=ActionResult(), seconds=0, log=Path(os.devnull))


def sleeping(name: str, memory: int) -> CommandAction:
    return CommandAction(
        id=name, label=name, triple=None, mnemonic="", argv=(), environment=(), inputs=(), memory=memory
    )


@pytest.mark.parametrize(
    ("needs", "limit", "most"), [((3, 3, 3), 6, 6), ((3, 3, 3), 5, 3), ((9, 1), 5, 9), ((0, 0), 0, 0)]
)
def test_actions_share_the_memory_of_the_machine(
    tmp_path: Path, needs: tuple[int, ...], limit: int, most: int
) -> None:
    """One that needs more than there is runs alone."""
    actions = {str(number): sleeping(str(number), need) for number, need in enumerate(needs)}
    memory = Memory()
    scheduler = Scheduler(
        cast("Executor", memory), Limits(jobs=4, memory=limit), lambda _: None, tmp_path / "fifo"
    )
    outcomes = scheduler.run(BuildPlan(actions=actions, requested=()))
    assert {each.status for each in outcomes.values()} == {"ran"}
    assert memory.most == most


class Interrupting(queue.SimpleQueue[Any]):
    """The signal comes when what ended is taken out, and before anybody has it."""

    taken = 0

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        assert not self.taken, "nothing more will ever come"
        super().get(block, timeout)
        self.taken += 1
        raise KeyboardInterrupt


def test_an_interruption_that_comes_as_an_action_ends_is_no_endless_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("piot.run.schedule.spawn.stop_all", lambda: None)
    monkeypatch.setattr("piot.run.schedule.queue.SimpleQueue", Interrupting)
    scheduler = Scheduler(
        cast("Executor", Memory()), Limits(jobs=2, memory=1), lambda _: None, tmp_path / "fifo"
    )
    with pytest.raises(Interrupted, match="what finished is kept"):
        scheduler.run(BuildPlan(actions={name: sleeping(name, 0) for name in "ab"}, requested=()))
    assert not {"a", "b"} & {each.name for each in threading.enumerate()}


def test_events_of_an_action_come_in_order(make_checkout: MakeCheckout) -> None:
    run = make_checkout(command("a", "echo said")).build()
    assert [type(each).__name__ for each in run.said] == ["BuildStarted", "ActionStarted", "ActionFinished"]
    started, finished = run.said[1:]
    assert isinstance(started, events.ActionStarted) and isinstance(finished, events.ActionFinished)
    assert (started.label, started.description, started.id) == ("//:a", "command sh", finished.id)
    assert (finished.output, finished.status) == (b"said\n", "ran")
    assert finished.log_path is not None


@contextmanager
def running(checkout: Checkout, *words: str) -> Generator[subprocess.Popen[str], None, None]:
    process = checkout.start(*words)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def counted(name: str, folder: Path, script: str) -> str:
    return command(name, f"echo {name} >> {folder}/count; {script}", outputs=(name,))


def test_two_processes_run_an_action_once(make_checkout: MakeCheckout, tmp_path: Path) -> None:
    checkout = make_checkout(counted("a", tmp_path, "sleep 1; echo 1 > a"))
    with running(checkout, "build", "//:a", "--sandbox", "dir") as one:
        wait_for(lambda: lines(tmp_path / "count") == ["a"])
        run = checkout.build()
        assert one.wait(30) == 0
    assert run.actions == {"//:a": "cached"}
    assert lines(tmp_path / "count") == ["a"]
    kinds = [type(each).__name__ for each in run.said]
    assert kinds == ["BuildStarted", "Waiting", "ActionFinished"]
    (waiting,) = (each for each in run.said if isinstance(each, events.Waiting))
    assert waiting.for_what == f"pid {one.pid} (command sh //:a)"
    assert (waiting.label, waiting.description) == ("//:a", "command sh")


def test_when_the_other_process_fails_the_action_runs_here(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    checkout = make_checkout(
        counted("a", tmp_path, f"test -e {tmp_path}/second || {{ sleep 1; exit 1; }}; echo 1 > a")
    )
    with running(checkout, "build", "//:a", "--sandbox", "dir") as one:
        wait_for(lambda: lines(tmp_path / "count") == ["a"])
        (tmp_path / "second").touch()
        run = checkout.build()
        assert one.wait(30) == 1
    kinds = [type(each).__name__ for each in run.said]
    assert kinds == ["BuildStarted", "Waiting", "ActionStarted", "ActionFinished"]
    assert run.actions == {"//:a": "ran"}


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


ENDLESS = "sh -c 'sleep 600 & echo $! > {0}/grandchild; wait' & echo $! > {0}/child; wait; echo > b"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_every_child_and_keeps_what_finished(
    make_checkout: MakeCheckout, tmp_path: Path, number: signal.Signals
) -> None:
    checkout = make_checkout(
        counted("a", tmp_path, "echo 1 > a")
        + command("b", "cat deps/a/a; " + ENDLESS.format(tmp_path), deps=[":a"], outputs=("b",))
    )
    process = checkout.start("build", "//:all", "--sandbox", "dir")
    wait_for(lambda: lines(tmp_path / "grandchild") != [] and lines(tmp_path / "child") != [])
    pids = [int(lines(tmp_path / name)[0]) for name in ("child", "grandchild")]
    assert not any(gone(pid) for pid in pids)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted: what finished is kept, the rest was ended" in said
    assert "Traceback" not in said
    wait_for(lambda: all(gone(pid) for pid in pids))
    checkout.write("BUILD", (checkout.root / "BUILD").read_text().replace("sleep 600", "sleep 0"))
    assert checkout.build().actions == {"//:a": "cached", "//:b": "ran"}
    assert lines(tmp_path / "count") == ["a"]
    assert list((checkout.store.root / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_an_interruption_ends_children_in_bubblewrap_too(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "sleep 601.5 & wait"), sandbox="bwrap")

    def sleeping() -> list[str]:
        found = [path / "cmdline" for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [str(path) for path in found if path.exists() and b"601.5" in read(path).replace(b"\0", b" ")]

    process = checkout.start("build", "//:all", "--sandbox", "bwrap")
    wait_for(lambda: any(read(Path(path)).startswith(b"sleep\0") for path in sleeping()))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    wait_for(lambda: sleeping() == [])


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_an_interruption_ends_waiting_for_another_process(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    checkout = make_checkout(counted("a", tmp_path, "sleep 600"))
    with running(checkout, "build", "//:a", "--sandbox", "dir"):
        wait_for(lambda: lines(tmp_path / "count") == ["a"])
        second = checkout.start("build", "//:a", "--sandbox", "dir")
        leases = checkout.store.root / "leases"
        wait_for(lambda: list(leases.glob(f"{second.pid}-*")) != [])
        time.sleep(0.7)
        second.send_signal(signal.SIGINT)
        second.communicate(timeout=30)
        assert second.returncode == 130


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_run_that_is_killed_leaves_nothing_that_looks_whole(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    checkout = make_checkout(
        counted("a", tmp_path, "echo 1 > a")
        + command("b", f"cat deps/a/a > b; echo $$ > {tmp_path}/pid; sleep 600", deps=[":a"], outputs=("b",))
    )
    process = checkout.start("build", "//:all", "--sandbox", "dir")
    wait_for(lambda: lines(tmp_path / "pid") != [])
    process.kill()
    process.communicate()
    os.killpg(int(lines(tmp_path / "pid")[0]), signal.SIGKILL)
    checkout.write("BUILD", (checkout.root / "BUILD").read_text().replace("sleep 600", "sleep 0"))
    assert checkout.build().actions == {"//:a": "cached", "//:b": "ran"}
    assert checkout.read("b") == "1\n"
    assert lines(tmp_path / "count") == ["a"]


def test_what_a_killed_run_left_in_the_store_is_swept_up(make_checkout: MakeCheckout, tmp_path: Path) -> None:
    checkout = make_checkout(command("a", f"echo $$ > {tmp_path}/pid; sleep 600"))
    process = checkout.start("build", "//:all", "--sandbox", "dir")
    wait_for(lambda: lines(tmp_path / "pid") != [])
    process.kill()
    process.communicate()
    os.killpg(int(lines(tmp_path / "pid")[0]), signal.SIGKILL)
    left = checkout.store.root / "tmp"
    assert len(list(left.iterdir())) == 2, "the sandbox and the fifo"
    gc(checkout.store, 1 << 40)
    assert list(left.iterdir()) == []


def test_a_sandbox_in_use_is_not_swept_up(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "sleep 1; cat .piot/launch > out", outputs=("out",)))
    process = checkout.start("build", "//:all", "--sandbox", "dir")
    wait_for(lambda: len(list((checkout.store.root / "tmp").glob("*"))) == 2)
    gc(checkout.store, 0)
    process.communicate(timeout=30)
    assert process.returncode == 0
