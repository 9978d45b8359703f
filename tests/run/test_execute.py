"""One action after another in small checkouts: when it runs, what is stored, what a failure says."""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from piot.model import events
from tests.support.checkout import HOST, Checkout, MakeCheckout, command

COPY = command("a", "cat in > out", srcs=["in"], outputs=("out",))


@pytest.fixture
def copy(make_checkout: MakeCheckout) -> Checkout:
    checkout = make_checkout(COPY)
    checkout.write("in", "one")
    return checkout


def results(checkout: Checkout) -> set[str]:
    """Keys of the results in the shared store."""
    return {path.name for path in (checkout.store.root / "results").rglob("*") if path.is_file()}


def test_a_second_build_runs_nothing(copy: Checkout) -> None:
    first = copy.build()
    assert (first.actions, first.reasons) == ({"//:a": "ran"}, {"//:a": "not built here before"})
    second = copy.build()
    assert second.actions == {"//:a": "cached"}
    assert second.target("//:a").key == first.target("//:a").key
    assert second.target("//:a").source == "local" and second.report.local == 1
    assert not any(isinstance(each, events.ActionStarted) for each in second.said)


def test_a_touched_file_that_is_the_same_runs_nothing(copy: Checkout) -> None:
    copy.build()
    os.utime(copy.root / "in", (1, 1))
    copy.write("in", "one")
    assert copy.build().actions == {"//:a": "cached"}


def test_a_changed_file_runs_it_again_and_says_so(copy: Checkout) -> None:
    copy.build()
    copy.write("in", "two")
    again = copy.build()
    assert (again.actions, again.reasons) == ({"//:a": "ran"}, {"//:a": "input changed: in"})
    assert copy.read("out") == "two"


def test_going_back_finds_the_old_result(copy: Checkout) -> None:
    copy.build()
    copy.write("in", "two")
    copy.build()
    copy.write("in", "one")
    assert copy.build().actions == {"//:a": "cached"}
    assert copy.read("out") == "one"
    copy.write("in", "three")
    assert copy.build().reasons == {"//:a": "input changed: in"}


def test_a_result_of_another_checkout_counts_as_the_last_one(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    one, two = (make_checkout(COPY, name=name, cache=tmp_path / "shared") for name in ("one", "two"))
    one.write("in", "1")
    two.write("in", "1")
    assert [each.build().actions["//:a"] for each in (one, two)] == ["ran", "cached"]
    two.write("in", "2")
    assert two.build().reasons == {"//:a": "input changed: in"}


def test_the_executable_bit_is_seen(make_checkout: MakeCheckout) -> None:
    script = "test -x in && echo yes > out || echo no > out"
    checkout = make_checkout(command("a", script, srcs=["in"], outputs=("out",)))
    path = checkout.write("in", "")
    checkout.build()
    assert checkout.read("out") == "no\n"
    path.chmod(0o755)
    again = checkout.build()
    assert checkout.read("out") == "yes\n"
    assert again.reasons == {"//:a": "input is now executable: in"}


def test_an_upstream_that_makes_the_same_bytes_leaves_downstream_alone(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("up", "sed 's/#.*//' in > out", srcs=["in"], outputs=("out",))
        + command("down", "cat $(location :up) > end", deps=[":up"], outputs=("end",))
    )
    checkout.write("in", "code # one\n")
    assert checkout.build().actions == {"//:up": "ran", "//:down": "ran"}
    checkout.write("in", "code # two\n")
    assert checkout.build().actions == {"//:up": "ran", "//:down": "cached"}
    checkout.write("in", "data # two\n")
    again = checkout.build()
    assert again.actions == {"//:up": "ran", "//:down": "ran"}
    assert again.reasons["//:down"].startswith("output out of //:up")


def test_two_clones_give_the_same_bytes_and_keys(make_checkout: MakeCheckout) -> None:
    script = "{ cat in; env | grep -v MAKEFLAGS | sort; ls -la --time-style=full-iso in; } > out"
    found: list[tuple[str | None, str]] = []
    for number, name in enumerate(("one", "a much longer name")):
        checkout = make_checkout(
            command("a", script, srcs=["in"], outputs=("out",)), name=name, sandbox="bwrap"
        )
        if number:
            checkout = checkout.with_environ(
                HOME=f"{checkout.root}/home", USER="other", LANG="de_DE", RUSTFLAGS="-g", CARGO_X="1"
            )
        checkout.write("in", "x")
        run = checkout.build(jobs=number + 1)
        found.append((run.target("//:a").key, checkout.read("out")))
    assert found[0] == found[1]


LEVELS = ["none", "dir", "bwrap"]


@pytest.mark.parametrize("made", LEVELS)
@pytest.mark.parametrize("wanted", LEVELS)
def test_results_of_stronger_levels_are_taken_and_never_of_weaker_ones(
    copy: Checkout, made: str, wanted: str
) -> None:
    copy.build(sandbox=made)
    taken = LEVELS.index(made) >= LEVELS.index(wanted)
    assert copy.build(sandbox=wanted).actions == {"//:a": "cached" if taken else "ran"}


def test_a_result_without_sandbox_is_kept_for_this_checkout_only(
    make_checkout: MakeCheckout, tmp_path: Path
) -> None:
    one, two = (make_checkout(COPY, name=name, cache=tmp_path / "shared") for name in ("one", "two"))
    for checkout in (one, two):
        checkout.write("in", "x")
    assert one.build(sandbox="none").actions == {"//:a": "ran"}
    assert results(one) == set()
    assert one.build(sandbox="none").actions == {"//:a": "cached"}
    assert two.build(sandbox="none").actions == {"//:a": "ran"}


def test_without_sandbox_later_actions_use_what_earlier_ones_made(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("up", "echo 1 > out", outputs=("out",))
        + command("down", "cat $(location :up) > end", deps=[":up"], outputs=("end",)),
        sandbox="none",
    )
    assert checkout.build().actions == {"//:up": "ran", "//:down": "ran"}
    assert checkout.read("end") == "1\n"
    assert checkout.build().actions == {"//:up": "cached", "//:down": "cached"}


def test_a_failure_is_not_stored(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "echo half > out; echo broken >&2; exit 3", outputs=("out",)))
    for _ in range(2):
        run = checkout.build()
        assert run.actions == {"//:a": "failed"}
        assert run.outputs == {"//:a": "broken\n"}
        assert run.target("//:a").error == "command sh ended with exit code 3"
        assert run.report.exit_code == 1 and not run.report.ok
    assert results(checkout) == set()
    assert not (checkout.root / "dist").exists() or not list((checkout.root / "dist").rglob("out"))


def test_the_log_of_a_failure_is_named_and_holds_all_that_was_printed(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "echo one; echo two >&2; exit 1"))
    target = checkout.build().target("//:a")
    assert target.log is not None
    assert Path(target.log).read_text() == "one\ntwo\n"
    assert Path(target.log).parent == checkout.root / ".piot/logs"
    assert target.by_hand == f"piot build //:a --target {HOST} --sandbox dir --keep-sandbox"


def test_force_runs_again_and_stores(copy: Checkout, tmp_path: Path) -> None:
    counted = command("a", f"echo x >> {tmp_path}/count; wc -l < {tmp_path}/count > out", outputs=("out",))
    copy.write("BUILD", counted)
    copy.build()
    assert copy.read("out") == "1\n"
    forced = copy.build(force=True)
    assert (forced.actions, forced.reasons) == ({"//:a": "ran"}, {"//:a": "--force"})
    assert copy.build().actions == {"//:a": "cached"}
    assert copy.read("out") == "2\n"


def test_force_leaves_what_the_targets_are_made_from(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("up", "echo 1 > out", outputs=("out",))
        + command("down", "cat $(location :up) > end", deps=[":up"], outputs=("end",))
    )
    checkout.build()
    assert checkout.build("//:down", force=True).actions == {"//:up": "cached", "//:down": "ran"}


def test_no_cache_neither_reads_nor_writes(copy: Checkout) -> None:
    assert copy.build(no_cache=True).actions == {"//:a": "ran"}
    assert results(copy) == set()
    copy.build()
    before = results(copy)
    again = copy.build(no_cache=True)
    assert (again.actions, again.reasons) == ({"//:a": "ran"}, {"//:a": "--no-cache"})
    assert results(copy) == before
    assert copy.read("out") == "one"


def test_no_cache_at_no_level_either(copy: Checkout) -> None:
    copy.build(no_cache=True, sandbox="none")
    assert copy.build(sandbox="none").actions == {"//:a": "ran"}


def test_a_dry_run_runs_nothing_and_says_what_would_and_why(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("up", "cat in > out", srcs=["in"], outputs=("out",))
        + command("down", "cat $(location :up) > end", deps=[":up"], outputs=("end",))
    )
    checkout.write("in", "1")
    run = checkout.build(dry_run=True)
    assert run.texts == [
        "would run //:up (command sh): not built here before",
        "would run //:down (command sh): waits for what it is made from",
    ]
    assert run.report.dry_run and run.report.ok
    assert not (checkout.root / "dist").exists() and results(checkout) == set()
    checkout.build()
    assert checkout.build(dry_run=True).texts == []
    checkout.write("in", "2")
    assert checkout.build("//:up", dry_run=True).texts == ["would run //:up (command sh): input changed: in"]
    assert checkout.build("//:up", dry_run=True, force=True).texts == [
        "would run //:up (command sh): --force"
    ]
    assert checkout.read("end") == "1"


def test_a_source_that_is_edited_while_its_action_runs_is_not_stored_under_the_old_content(
    make_checkout: MakeCheckout,
) -> None:
    for level in ("none", "dir"):
        checkout = make_checkout(name=level, sandbox=level)
        path = checkout.write("in", "old")
        script = f"cat in > out; test $(cat in) = new || printf new > {path}; cat {path} >> out"
        checkout.write("BUILD", command("a", script, srcs=["in"], outputs=("out",)))
        os.utime(path, (1, 1))
        first = checkout.build()
        assert checkout.read("out") == "oldnew"
        again = checkout.build()
        assert again.reasons == {"//:a": "input changed: in"}
        assert checkout.read("out") == "newnew"
        assert again.target("//:a").key != first.target("//:a").key
        path.write_text("old")
        assert checkout.build().actions == {"//:a": "cached"}


def test_what_an_action_writes_into_its_inputs_does_not_reach_the_checkout_or_the_store(
    copy: Checkout,
) -> None:
    copy.write("BUILD", command("a", "printf two >> in; cat in > out", srcs=["in"], outputs=("out",)))
    copy.build()
    assert (copy.root / "in").read_text() == "one"
    assert copy.build(force=True).actions == {"//:a": "ran"}
    assert copy.read("out") == "onetwo"


def test_the_time_limit_ends_an_action_and_is_named(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout('test(name = "t", argv = ["sh", "-c", "echo begun; sleep 60"], timeout = 1)\n')
    started = time.monotonic()
    run = checkout.build("//:t", tests=True)
    assert time.monotonic() - started < 30
    assert run.target("//:t").error == "test was ended after 1 seconds, its time limit"
    assert run.outputs == {"//:t": "begun\n"}


@pytest.mark.parametrize(
    ("script", "outputs", "error"),
    [
        (
            ":",
            ("out", "more/out"),
            "ended well, but the action did not make what it declares: more/out and out (outputs are paths "
            "below the folder it runs in; --keep-sandbox shows what it made)",
        ),
        (
            "ln -s /etc/passwd out",
            ("out",),
            "ended well, but the output 'out' is a link to '/etc/passwd': its target is not a relative path",
        ),
        (
            "mkdir out; ln -s ../../x out/y",
            ("out/",),
            "ended well, but the output 'out/y' is a link to '../../x': its target lies outside",
        ),
        (
            "rmdir out; ln -s /etc out",
            ("out/passwd",),
            "ended well, but the action did not make what it declares: out/passwd (outputs are paths "
            "below the folder it runs in; --keep-sandbox shows what it made)",
        ),
        (
            "echo > x; ln -s x out",
            ("out",),
            "made a result that does not hold:\n"
            "  - out is a link to x, declared is a file (the name of a folder ends in /)",
        ),
        (
            "mkdir out",
            ("out",),
            "made a result that does not hold:\n"
            "  - out is a folder, declared is a file (the name of a folder ends in /)",
        ),
        (
            "echo > out",
            ("out/",),
            "made a result that does not hold:\n  - out is a file, declared is a folder",
        ),
        ("mkfifo out", ("out",), "ended well, but the output 'out' is neither a file, a folder nor a link"),
        ("kill -9 $$", (), "was ended by signal 9"),
    ],
    ids=["missing", "link out", "link in folder", "link above", "link", "folder", "file", "pipe", "signal"],
)
def test_a_result_that_is_not_what_was_declared_is_a_failure(
    make_checkout: MakeCheckout, script: str, outputs: tuple[str, ...], error: str
) -> None:
    script = script.replace("mkfifo", "/usr/bin/mkfifo")
    checkout = make_checkout(command("a", script, outputs=outputs))
    run = checkout.build()
    assert run.target("//:a").error == f"command sh {error}"
    assert results(checkout) == set()


def test_a_link_inside_of_an_output_is_kept(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(
        command("a", "mkdir out; echo 1 > out/x; ln -s x out/y", outputs=("out/",))
        + command("b", "readlink deps/a/out/y > end", deps=[":a"], outputs=("end",))
    )
    checkout.build()
    assert checkout.read("end") == "x\n"
    assert (checkout.root / "dist/y").readlink() == Path("x")


def test_an_action_that_is_killed_leaves_no_folder_behind(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(command("a", "kill -9 $$"))
    checkout.build()
    leftover = [path.name for name in ("tmp", "exec") for path in (checkout.store.root / name).glob("*")]
    assert leftover == []


def spoil(checkout: Checkout, content: str, how: str) -> None:
    """Damages the blob that holds ``content``."""
    (blob,) = (path for path in checkout.blobs() if path.read_bytes() == content.encode())
    if how == "lost":
        blob.unlink()
    else:
        blob.chmod(0o644)
        blob.write_bytes(b"?" * len(content))


CHAIN = command("up", "echo made > out", outputs=("out",)) + command(
    "down", "cat in deps/up/out > end", srcs=["in"], deps=[":up"], outputs=("end",)
)


@pytest.mark.parametrize("how", ["lost", "damaged"])
@pytest.mark.parametrize("sandbox", ["dir", "none"])
def test_an_output_that_the_store_has_lost_is_made_again(
    make_checkout: MakeCheckout, how: str, sandbox: str
) -> None:
    checkout = make_checkout(CHAIN, sandbox=sandbox)
    checkout.write("in", "1")
    checkout.build()
    spoil(checkout, "made\n", how)
    checkout.write("in", "2")
    run = checkout.build("//:down")
    assert run.report.ok
    assert run.actions == {"//:up": "ran", "//:down": "ran"}
    assert run.reasons["//:up"] == "its result is no longer in the store"
    assert checkout.read("end") == "2made\n"


def test_an_output_that_nobody_needs_now_is_not_made_again(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(CHAIN)
    checkout.write("in", "1")
    checkout.build()
    spoil(checkout, "made\n", "lost")
    assert checkout.build("//:down").actions == {"//:up": "cached", "//:down": "cached"}
    assert checkout.build("//:up").actions == {"//:up": "ran"}


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_a_file_that_is_delivered_and_lost_is_made_again(copy: Checkout, how: str) -> None:
    copy.build()
    spoil(copy, "one", how)
    (copy.root / f"dist/{HOST}/out").unlink()
    assert copy.build().report.ok
    assert copy.read("out") == "one"


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_an_input_that_the_store_has_lost_is_read_again(copy: Checkout, how: str) -> None:
    copy.write("in", "content of in")
    copy.write("BUILD", command("a", "wc -c < in > out", srcs=["in"], outputs=("out",)))
    copy.build()
    spoil(copy, "content of in", how)
    assert copy.build(force=True).report.ok
    spoil(copy, "content of in", how)
    assert copy.build(no_cache=True).report.ok


WITH_TOOL = """\
from dataclasses import dataclass
from piot.api import Context, Files, rule

@dataclass(frozen=True)
class Said:
    \"\"\"What a fetched tool says.\"\"\"

@rule
def said(ctx: Context, attrs: Said) -> tuple[Files]:
    made = ctx.run("sh", "-c", "%{tool:talk}/bin/talk > out", mnemonic="talk", outputs=["out"],
                   mounts=[ctx.tool("talk")])
    return (Files(outputs=made),)
"""


@pytest.fixture
def talking(make_checkout: MakeCheckout) -> Checkout:
    """A checkout with a pinned tool that was fetched before."""
    checkout = make_checkout('load("//:rules.py", "said")\nsaid(name = "a")\n')
    checkout.write("rules.py", WITH_TOOL)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo("talk-1.data/scripts/talk"), "#!/bin/sh\necho said\n")
    digest = checkout.store.put_bytes(data.getvalue())
    checkout.store.put_memo("fetched", digest.hash.encode(), str(digest.size).encode())
    checkout.write(
        "piot.lock",
        'version = 1\n\n[[tool]]\nname = "talk"\necosystem = "pypi"\nversion = "1"\nfiles = [\n'
        f'    {{ filename = "talk-1-py3-none-any.whl", sha256 = "{digest.hash}" }},\n]\n',
    )
    return checkout


@pytest.mark.parametrize("level", ["dir", "bwrap"])
def test_a_mounted_tool_runs(talking: Checkout, level: str) -> None:
    assert talking.build(sandbox=level).report.ok
    assert talking.read("out") == "said\n"


def test_a_mounted_tool_of_which_the_store_has_lost_a_part_is_unpacked_again(talking: Checkout) -> None:
    talking.build()
    shutil.rmtree(talking.store.root / "trees")
    (blob,) = (path for path in talking.blobs() if path.read_bytes() == b"#!/bin/sh\necho said\n")
    blob.unlink()
    run = talking.build(force=True)
    assert run.report.ok and run.actions == {"//:a": "ran"}
    assert talking.read("out") == "said\n"


def test_a_whole_store_that_is_lost_is_made_again(make_checkout: MakeCheckout) -> None:
    checkout = make_checkout(CHAIN)
    checkout.write("in", "1")
    checkout.build()
    for blob in checkout.blobs():
        blob.unlink()
    run = checkout.build()
    assert run.report.ok and set(run.actions.values()) == {"ran"}


def test_a_source_that_vanished_meanwhile_is_a_failure_and_no_crash(copy: Checkout) -> None:
    script = f"rm -f {copy.root}/in; echo 1 > out"
    copy.write(
        "BUILD",
        command("a", script, outputs=("out",))
        + command("b", "cat in $(location :a) > end", srcs=["in"], deps=[":a"], outputs=("end",)),
    )
    run = copy.build()
    assert run.actions == {"//:a": "ran", "//:b": "failed"}
    assert run.target("//:b").error == "command sh cannot read its sources: in changed while piot was looking"


def test_the_cache_folder_may_be_a_link_and_hold_blanks(make_checkout: MakeCheckout, tmp_path: Path) -> None:
    (tmp_path / "real $x's").mkdir()
    (tmp_path / "the link").symlink_to(tmp_path / "real $x's")
    for level in ("dir", "bwrap"):
        checkout = make_checkout(COPY, name=level, sandbox=level, cache=tmp_path / "the link")
        checkout.write("in", level)
        assert checkout.build().report.ok
        assert checkout.read("out") == level
