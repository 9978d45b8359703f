"""Killed, interrupted and simultaneous runs: nothing half-written, left running or done twice."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.test_small_undeclared import bubblewrap_works
from tests.e2e.tiny import SAID, Tiny, ended, tiny_at

pytestmark = pytest.mark.e2e

SLEEPY = """\
fn main() {
    std::process::Command::new("sleep").arg("SECONDS").status().unwrap();
    println!("cargo::rustc-env=GREETING=hello");
}
"""
EXPECTED = "hello ANN!\nhello BOB!\nBYE!\n"


@pytest.fixture(params=["dir", "bwrap"])
def tiny(
    request: pytest.FixtureRequest, tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    if request.param == "bwrap" and not bubblewrap_works():
        pytest.skip("bubblewrap does not work here")
    return tiny_at(tmp_path, installed_piot, environment, PIOT_SANDBOX=request.param)


def sleep_in_build(tiny: Tiny, seconds: int) -> str:
    """Makes the build script of ``greet`` sleep; gives a text that only its arguments have."""
    mark = f"{seconds}.{secrets.randbelow(10**9):09}"
    tiny.write("crates/greet/build.rs", SLEEPY.replace("SECONDS", mark))
    return mark


def sleeping(mark: str) -> bool:
    """Whether a process of any sandbox has the text in its arguments."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in file.read_bytes():
                return True
        except OSError:
            continue
    return False


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, ended(process).text
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


def assert_sound(tiny: Tiny) -> None:
    """The same build works, with the right bytes, and all that is in the store is whole."""
    tiny("build", "//...", ok=True)
    assert tiny.read(SAID) == EXPECTED
    assert tiny("cache", "verify", ok=True).stdout.startswith("no problems\n")


def test_a_killed_run_leaves_nothing_that_the_next_one_trips_over(tiny: Tiny) -> None:
    mark = sleep_in_build(tiny, 2)
    process = tiny.start("build", "//...")
    wait_until(lambda: sleeping(mark), process)
    process.kill()
    assert ended(process).code == -signal.SIGKILL
    assert not (tiny.root / "dist").exists()
    assert_sound(tiny)


def test_runs_killed_at_any_moment_do_no_harm(tiny: Tiny) -> None:
    for delay in (0.15, 0.3, 0.5, 0.8, 1.2, 1.7, 2.3):
        process = tiny.start("build", "//...")
        time.sleep(delay)
        process.kill()
        ended(process)
    assert_sound(tiny)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_children_and_keeps_what_finished(
    tiny: Tiny, how: signal.Signals
) -> None:
    tiny("build", "//crates/text:crate", ok=True)
    mark = sleep_in_build(tiny, 60)
    process = tiny.start("-q", "build", "//crates/text:crate", "//crates/cli:cli")
    wait_until(lambda: sleeping(mark), process)
    process.send_signal(how)
    result = ended(process)
    assert (result.code, result.stdout) == (130, "")
    assert result.stderr == "error: interrupted: what finished is kept, the rest was ended\n"
    assert not sleeping(mark)
    assert tiny.processes() == []
    sleep_in_build(tiny, 0)
    assert_sound(tiny)


def test_two_runs_at_once_do_each_action_once(tiny: Tiny) -> None:
    sleep_in_build(tiny, 1)
    both = [tiny.start("--json", "build", "//...") for _ in range(2)]
    results = [ended(process) for process in both]
    assert [result.code for result in results] == [0, 0], results
    counts = [json.loads(result.stdout)["actions"] for result in results]
    alone = json.loads(tiny("--json", "build", "//...", ok=True).stdout)["actions"]
    assert alone == {"ran": 0, "local": sum(count["ran"] for count in counts), "remote": 0, "failed": 0}
    assert sum(count["local"] for count in counts) == alone["local"]
    assert_sound(tiny)
