"""Commands that go on in the folder of their last run: when, when not, and that nothing of it is stored."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from piot.app.clean import clean
from piot.app.session.where import Where
from piot.effects import clock, host
from piot.run import bubblewrap, mounts, standing
from tests.support.checkout import Checkout, MakeCheckout

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell commands")

RULE = '''\
from dataclasses import dataclass
from piot.api import Context, Files, Incremental, SourceFile, Sources, Text, rule

@dataclass(frozen=True)
class Watched:
    """Gives the sources that are new since its last run, or have another time.

    srcs: its sources
    word: something that it is given
    more: another part of its script
    """
    srcs: Sources
    word: str = "one"
    more: str = ":"

SCRIPT = """
find in -type f | sort | xargs stat -c '%n %y' > times
[ -e work/times ] || { echo begins; mkdir -p work; : > work/times; }
grep -vxFf work/times times | cut -d' ' -f1 > out
{ echo $MODE; cat .piot/where; } > how
mv times work/times
"""

def _start(ctx):
    return ctx.start("make", mnemonic="parts", folder="work", harvest=["true"])

@rule
def watched(ctx: Context, attrs: Watched) -> tuple[Files]:
    sources = [SourceFile(path=each) for each in ctx.files(attrs.srcs)]
    where = Text(dest=".piot/where", content=b"%{root}\\n")
    outputs = ctx.run(
        "sh", "-c", f"{SCRIPT}\\n{attrs.more}", "sh", mnemonic="watch", inputs=[*sources, where],
        outputs=["out", "how"], environment={"MODE": "afresh", "WORD": attrs.word}, expand=[".piot/where"],
        start=_start(ctx) if attrs.word == "start" else None,
        incremental=Incremental(keeps=("work",), environment=(("MODE", "on top"),), variant=ctx.profile),
    )
    return (Files(outputs=outputs),)
'''
BUILD = 'load("//:watched.py", "watched")\nwatched(name = "a", srcs = glob(["in/**"]))\n'
Make: TypeAlias = Callable[..., Checkout]


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mounts, "OUTSIDE", tmp_path / "var")
    return tmp_path / "var"


@pytest.fixture
def make(make_checkout: MakeCheckout) -> Make:
    def made(*, name: str = "one", sandbox: str = "dir", cache: Path | None = None) -> Checkout:
        checkout = make_checkout(BUILD, name=name, sandbox=sandbox, cache=cache)
        checkout.write("watched.py", RULE)
        for each in ("in/a", "in/b", "in/c/d"):
            checkout.write(each, "1")
        return checkout

    return made


def results(checkout: Checkout) -> list[Path]:
    """Everything that is recorded as a result, in the store or for this checkout."""
    folders = (checkout.store.root / "results", checkout.root / ".piot/results")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def on_top(checkout: Checkout, **options: object) -> tuple[str, str]:
    """What an incremental build printed, and which sources were new to it."""
    run = checkout.build(incremental=True, **options)
    assert run.report.ok, run.outputs
    return run.outputs["//:a"], checkout.read("out")


ALL = "in/a\nin/b\nin/c/d\n"


@pytest.mark.parametrize("sandbox", ["none", "dir", "bwrap"])
def test_only_what_changed_is_new(make: Make, sandbox: str) -> None:
    if sandbox == "bwrap":
        need_bubblewrap(make())
    checkout = make(name="two", sandbox=sandbox)
    assert on_top(checkout) == ("begins\n", ALL)
    mode, place = checkout.read("how").splitlines()
    assert mode == "on top"
    assert (place == "/build") == (sandbox == "bwrap")
    for path, text in (("in/b", "2"), ("in/c/d", "22"), ("in/b", "1")):
        checkout.write(path, text)
        assert on_top(checkout) == ("", f"{path}\n")
        assert checkout.read("how") == f"on top\n{place}\n"
    assert on_top(checkout) == ("", "")


def test_nothing_of_it_is_stored_and_the_next_ordinary_build_runs(make: Make) -> None:
    checkout = make()
    first = checkout.build(incremental=True)
    assert results(checkout) == []
    ordinary = checkout.build()
    assert (ordinary.actions, checkout.read("how").split()[0]) == ({"//:a": "ran"}, "afresh")
    assert first.target("//:a").key == ordinary.target("//:a").key
    assert len(results(checkout)) == 1


def test_a_stored_result_is_taken(make: Make) -> None:
    checkout = make()
    checkout.build()
    run = checkout.build(incremental=True)
    assert (run.actions, run.report.incremental) == ({"//:a": "cached"}, 0)
    assert "incremental" not in run.target("//:a").to_json()
    assert on_top(checkout, no_cache=True) == ("begins\n", ALL)


def test_the_report_says_so(make: Make) -> None:
    run = make().build(incremental=True)
    assert (run.report.ran, run.report.incremental) == (1, 1)
    assert run.target("//:a").to_json()["incremental"] is True
    assert run.target("//:a").source == "ran"


def test_it_says_why_it_runs(make: Make) -> None:
    checkout = make()
    reasons = [checkout.build(incremental=True).reasons["//:a"]]
    reasons.append(checkout.build(incremental=True).reasons["//:a"])
    checkout.write("in/b", "2")
    dry = checkout.build(incremental=True, dry_run=True)
    assert dry.texts == ["would run //:a (watch): input changed: in/b"]
    reasons.append(checkout.build(incremental=True).reasons["//:a"])
    assert reasons == [
        "not built with --incremental before",
        "what --incremental makes is not stored",
        "input changed: in/b",
    ]
    assert checkout.build().reasons == {"//:a": "not built here before"}


def test_what_the_command_would_not_notice_it_forgets(make: Make) -> None:
    """A file is gone, or another than it watches has changed."""
    checkout = make()
    checkout.write(
        "watched.py", RULE.replace("keeps", 'watches=("/a", "/b"), forgets=("wor?/ti*s", "w*/t?m?s"), keeps')
    )
    assert on_top(checkout) == ("begins\n", ALL)
    checkout.write("in/b", "2")
    assert on_top(checkout) == ("", "in/b\n")
    for path in ("in/c/d", "in/c/e"):
        checkout.write(path, "2")
        _, new = on_top(checkout)
        assert new == ALL if path == "in/c/d" else f"{ALL}in/c/e\n"
    (checkout.root / "in/b").unlink()
    assert on_top(checkout)[1] == "in/a\nin/c/d\nin/c/e\n"


def test_where_there_is_nothing_to_forget_it_begins_anew(make: Make) -> None:
    checkout = make()
    on_top(checkout)
    shutil.rmtree(checkout.root / "in/c")
    assert on_top(checkout) == ("begins\n", "in/a\nin/b\n")
    checkout.write("in/c", "a file where a folder was")
    assert on_top(checkout) == ("", "in/c\n")


@pytest.mark.parametrize(
    ("script", "new"),
    [
        ("echo 2 > in/a", "in/a\n"),
        ("rm in/a", "in/a\n"),
        ("chmod 755 in/a", "in/a\n"),
        ("rm -r in/c; ln -s /etc in/c", "in/c/d\n"),
        ("rm in/a; mkdir -p in/a/x; : > in/a/x/y", "in/a\n"),
        ("echo 1 > in/made; mkdir in/e; ln -s a in/e/l", ""),
        ("rm .piot/bin/ls; mkdir -p .piot/tmp/x", ""),
    ],
)
def test_what_the_command_did_to_its_inputs_is_undone(make: Make, script: str, new: str) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", f'more = "{script}", srcs'))
    on_top(checkout)
    assert on_top(checkout) == ("", new)


def test_what_it_made_last_time_is_not_there(make: Make) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", 'more = "test -e in/new || exit 0; rm out", srcs'))
    on_top(checkout)
    checkout.write("in/new", "")
    failed = checkout.build(incremental=True)
    assert failed.target("//:a").error == (
        "watch ended well, but the action did not make what it declares: out (outputs are paths below the "
        "folder it runs in; --keep-sandbox shows what it made)"
    )


def test_settings_begin_anew(make: Make) -> None:
    checkout = make()
    on_top(checkout)
    checkout.write("BUILD", BUILD.replace("srcs", 'word = "two", srcs'))
    assert on_top(checkout) == ("begins\n", ALL)
    checkout.write("in/.hidden/settings", "1")
    assert on_top(checkout) == ("begins\n", f"in/.hidden/settings\n{ALL}")
    assert on_top(checkout) == ("", "")
    checkout.write("in/.hidden/settings", "2")
    assert on_top(checkout) == ("begins\n", f"in/.hidden/settings\n{ALL}")
    assert len(folders(checkout)) == 1


def test_profiles_and_sandbox_levels_have_folders_of_their_own(make: Make) -> None:
    checkout = make()
    for options in ({}, {"profile": "dev"}, {"sandbox": "none"}):
        assert on_top(checkout, **options) == ("begins\n", ALL)
    for options in ({}, {"profile": "dev"}, {"sandbox": "none"}):
        assert on_top(checkout, **options) == ("", "")


def test_a_new_folder_starts_from_what_an_ordinary_build_kept(make: Make) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", 'word = "start", srcs'))
    checkout.build()
    checkout.write("in/b", "2")
    printed, _ = on_top(checkout)
    assert printed == ""


def test_after_a_failure_it_goes_on(make: Make) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", 'more = "! grep 2 in/b", srcs'))
    on_top(checkout)
    checkout.write("in/b", "2")
    failed = checkout.build(incremental=True)
    assert not failed.report.ok
    assert failed.target("//:a").by_hand == "piot build //:a --sandbox dir --incremental --keep-sandbox"
    checkout.write("in/b", "3")
    assert on_top(checkout) == ("", "in/b\n")


def test_a_kept_sandbox_is_that_folder(make: Make) -> None:
    checkout = make()
    run = checkout.build(incremental=True, keep_sandbox=True)
    (note,) = run.texts
    script = Path(note.rpartition("sh ")[2])
    assert script.parent in folders(checkout)
    assert subprocess.run(["sh", script], check=False, capture_output=True).returncode == 0
    assert on_top(checkout) == ("", "")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_after_a_run_that_was_killed_it_begins_anew_and_after_ctrl_c_it_goes_on(
    make: Make, how: signal.Signals
) -> None:
    checkout = make()
    sleepy = "test $(cat in/b) = 1 || { : > work/asleep; sleep 5; }"
    checkout.write("BUILD", BUILD.replace("srcs", f'more = "{sleepy}", srcs'))
    on_top(checkout)
    checkout.write("in/b", "2")
    process = start(checkout)
    wait_until(lambda: any((each / "root/work/asleep").exists() for each in folders(checkout)))
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == (-9 if how == signal.SIGKILL else 130)
    checkout.write("in/b", "1")
    assert on_top(checkout) == (("begins\n", ALL) if how == signal.SIGKILL else ("", "in/b\n"))


def test_two_at_once_take_turns(make: Make) -> None:
    checkout = make()
    checkout.write("BUILD", BUILD.replace("srcs", 'more = "sleep 1", srcs'))
    both = [start(checkout) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert checkout.read("out") == ""


def test_a_clock_that_was_set_back_begins_anew(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = make()
    on_top(checkout)
    monkeypatch.setattr(standing, "now_ns", lambda: clock.now_ns() - 10**12)
    assert on_top(checkout) == ("begins\n", ALL)


def test_a_source_that_is_edited_meanwhile_is_seen_next_time(make: Make) -> None:
    checkout = make()
    path = checkout.root / "in/b"
    checkout.write("BUILD", BUILD.replace("srcs", f'more = "printf 2 > {path}", srcs'))
    on_top(checkout)
    assert on_top(checkout) == ("", "in/b\n")


def test_what_is_known_of_another_version_is_not_used(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = make()
    on_top(checkout)
    monkeypatch.setattr(standing, "FORMAT", 2)
    assert on_top(checkout) == ("begins\n", ALL)


def test_below_a_repository_the_folder_stands_outside_and_is_cleaned_up(make: Make, outside: Path) -> None:
    """cargo would read the settings of the checkout, and take its manifest for that of the workspace."""
    one, two = make(), make(name="two")
    for checkout in (one, two):
        make_repository(checkout.root)
        on_top(checkout)
        assert on_top(checkout) == ("", "")
        assert folders(checkout) == []
    assert len(list((outside / "incremental").iterdir())) == 2
    clean(Where(directory=one.root, environ={}))
    assert len(list((outside / "incremental").iterdir())) == 1
    shutil.rmtree(two.root)
    on_top(one)
    assert len(list((outside / "incremental").iterdir())) == 1
    clean(Where(directory=one.root, environ={}))
    assert list((outside / "incremental").iterdir()) == []


def test_a_copied_checkout_does_not_share_the_folder(make: Make, tmp_path: Path) -> None:
    checkout = make()
    make_repository(checkout.root)
    on_top(checkout)
    shutil.copytree(checkout.root, tmp_path / "copy")
    copy = Checkout(root=tmp_path / "copy", environ=checkout.environ)
    assert on_top(copy) == ("begins\n", ALL)
    assert on_top(checkout) == ("", "")


def folders(checkout: Checkout) -> list[Path]:
    return list((checkout.root / ".piot/incremental").glob("*/folders/*"))


def make_repository(folder: Path) -> None:
    subprocess.run(["git", "init", "--quiet", folder], check=True)


def start(checkout: Checkout) -> subprocess.Popen[str]:
    return checkout.start("build", "//:a", "--incremental", "--sandbox", "dir")


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


def need_bubblewrap(checkout: Checkout) -> None:
    found = host.which("bwrap", os.environ["PATH"])
    if bubblewrap.obstacle(str(found[0]) if found else None, checkout.store) is not None:
        pytest.skip("bubblewrap does not work here")
