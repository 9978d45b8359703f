"""piot build --incremental with real cargo: what is compiled again, and that the result is always right."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.test_small_processes import sleep_in_build, sleeping, wait_until
from tests.e2e.test_small_undeclared import bubblewrap_works
from tests.e2e.tiny import HOST, Tiny, ended, tiny_at

pytestmark = pytest.mark.e2e

BUILD = ("build", "//crates/cli:cli", "--incremental")
HELLO = "hello ANN!\nhello BOB!\n"
MAIN = "crates/cli/src/main.rs"


@pytest.fixture(params=["dir", "bwrap"])
def tiny(
    request: pytest.FixtureRequest, tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]
) -> Tiny:
    if request.param == "bwrap" and not bubblewrap_works():
        pytest.skip("bubblewrap does not work here")
    return tiny_at(tmp_path, installed_piot, environment, PIOT_SANDBOX=request.param)


def compiled(tiny: Tiny) -> tuple[list[str], str]:
    """The crates that an incremental build compiles, and what its program says."""
    result = tiny("-v", *BUILD, ok=True)
    names = [line.split()[1] for line in result.stderr.splitlines() if "Compiling" in line]
    return names, said(tiny)


def said(tiny: Tiny) -> str:
    from tests.e2e.conftest import run

    return run(tiny.root / f"dist/{HOST}/tiny", cwd=tiny.root, env=tiny.environment).stdout


EVERYTHING = {"tiny-text", "tiny-macros", "tiny-greet", "tiny-cli"}


def test_only_what_an_edited_file_concerns_is_compiled_again(tiny: Tiny) -> None:
    names, text = compiled(tiny)
    assert (set(names), text) == (EVERYTHING, f"{HELLO}BYE!\n")
    tiny.edit(MAIN, '"bye"', '"see you"')
    assert compiled(tiny) == (["tiny-cli"], f"{HELLO}SEE YOU!\n")
    tiny.edit(MAIN, '"see you"', '"bye"')
    assert compiled(tiny) == (["tiny-cli"], f"{HELLO}BYE!\n")
    assert compiled(tiny) == ([], f"{HELLO}BYE!\n")


def test_its_result_is_not_stored_and_the_report_says_so(tiny: Tiny) -> None:
    first = json.loads(tiny("--json", *BUILD, ok=True).stdout)
    (target,) = first["targets"]
    assert (target["source"], target["status"], target["incremental"]) == ("ran", "built", True)
    again = tiny(*BUILD, ok=True)
    assert again.ran == ["//crates/cli:cli cargo build"]
    assert tiny.summary(again) == "built 1 in TIME; actions: 1 run incrementally and not stored\n"
    ordinary = tiny("build", "//crates/cli:cli", ok=True)
    assert ordinary.ran == ["//crates/cli:cli cargo build"]
    assert tiny(*BUILD, ok=True).ran == []


def test_what_macros_and_build_scripts_read_unknown_to_cargo_is_noticed(tiny: Tiny) -> None:
    """cargo itself takes both for unchanged."""
    compiled(tiny)
    tiny.write("shared/names.txt", "eve\n")
    names, text = compiled(tiny)
    assert (set(names), text) == (EVERYTHING, "hello EVE!\nBYE!\n")
    tiny.write("crates/greet/data/greeting.txt", "good day\n")
    names, text = compiled(tiny)
    assert (set(names), text) == (EVERYTHING, "good day EVE!\nBYE!\n")


def test_a_removed_source_is_gone(tiny: Tiny) -> None:
    tiny.write("crates/cli/src/extra.rs", 'pub const BYE: &str = "later";\n')
    tiny.edit(MAIN, "fn main", "mod extra;\nfn main")
    tiny.edit(MAIN, '"bye"', "extra::BYE")
    assert compiled(tiny)[1] == f"{HELLO}LATER!\n"
    (tiny.root / "crates/cli/src/extra.rs").unlink()
    failed = tiny(*BUILD, ok=False)
    assert "file not found for module `extra`" in failed.stderr
    tiny.edit(MAIN, "mod extra;\nfn main", "fn main")
    tiny.edit(MAIN, "extra::BYE", '"bye"')
    assert compiled(tiny)[1] == f"{HELLO}BYE!\n"


def test_after_a_mistake_it_goes_on(tiny: Tiny) -> None:
    compiled(tiny)
    tiny.edit(MAIN, '"bye"', "bye")
    assert tiny(*BUILD, ok=False).code == 1
    tiny.edit(MAIN, "(bye)", '("well")')
    assert compiled(tiny) == (["tiny-cli"], f"{HELLO}WELL!\n")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_after_a_run_that_was_killed_the_result_is_right(tiny: Tiny, how: signal.Signals) -> None:
    compiled(tiny)
    mark = sleep_in_build(tiny, 3)
    process = tiny.start(*BUILD)
    wait_until(lambda: sleeping(mark), process)
    process.send_signal(how)
    assert ended(process).code == (130 if how == signal.SIGTERM else -how)
    sleep_in_build(tiny, 0)
    names, text = compiled(tiny)
    assert text == f"{HELLO}BYE!\n"
    assert (set(names) == EVERYTHING) == (how == signal.SIGKILL)


def test_two_at_once_both_give_the_right_result(tiny: Tiny) -> None:
    sleep_in_build(tiny, 1)
    both = [tiny.start(*BUILD, "--out", str(tiny.root / name)) for name in ("one", "two")]
    results = [ended(process) for process in both]
    assert [result.code for result in results] == [0, 0], results
    one, two = ((tiny.root / name / HOST / "tiny").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_program_is_run_and_clean_removes_it_all(tiny: Tiny) -> None:
    words = ("run", "--incremental", "--profile", "dev", "//crates/cli:cli")
    assert tiny(*words, ok=True).stdout == f"{HELLO}BYE!\n"
    tiny.edit(MAIN, '"bye"', '"see you"')
    assert tiny(*words, ok=True).stdout == f"{HELLO}SEE YOU!\n"
    tiny("clean", ok=True)
    assert not (tiny.root / ".piot").exists()
    assert tiny("-v", *words, ok=True).stderr.count("Compiling") == len(EVERYTHING)


def test_force_and_incremental_contradict_each_other(tiny: Tiny) -> None:
    result = tiny(*BUILD, "--force")
    assert (result.code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: --incremental and --force exclude each other: one stores no result, the other a new one\n"
        "\nhint: --incremental --no-cache runs cargo though there is a result\n"
    )
