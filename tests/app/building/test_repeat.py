"""Builds that are asked for again: answered at once while nothing changed, and never when anything did."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from piot.app.build import build
from piot.app.building.kept_answers import MOST
from piot.app.building.repeat import Repeat
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.effects import clock, witness
from piot.model import events
from piot.model.report import BuildReport
from tests.support.checkout import Checkout, MakeCheckout, command
from tests.support.repository import do

BUILD = command("copy", "cat lib/a.txt > out.txt", outputs=("out.txt",), srcs=["lib/a.txt"], tools=["cat"])


def git(checkout: Checkout, *words: str) -> None:
    do(checkout.root, *words)


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    monkeypatch.setattr(witness, "GRANULARITY_NS", -(10**12))
    monkeypatch.setattr(clock, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    """A repository in which one file is copied, built twice."""
    made = make_checkout(BUILD)
    (Path(made.environ["PATH"]) / "cat").symlink_to("/bin/cat")
    made.write("lib/a.txt", "one\n")
    made.write(".gitignore", "*.log\n")
    git(made, "init", "--quiet")
    git(made, "add", ".")
    git(made, "commit", "-qm", "x")
    made.build()
    return made


def ask(checkout: Checkout, *, offline: bool = False, **options: Any) -> BuildReport | None:
    """What is answered without building."""
    chosen: dict[str, Any] = {"sandbox": checkout.sandbox, **options}
    request = BuildRequest(patterns=("//:all",), **chosen)
    where = Where(directory=checkout.root, environ=checkout.environ, offline=offline)
    return Repeat(request, where).answer()


def test_while_nothing_changes_the_answer_is_that_of_a_cached_build(checkout: Checkout) -> None:
    cached = checkout.build().report
    found = ask(checkout)
    assert found is not None
    assert replace(found, seconds=0.0) == replace(
        cached, seconds=0.0, targets=tuple(replace(each, seconds=0.0) for each in cached.targets)
    )
    assert found.to_json()["actions"] == {"ran": 0, "local": 1, "remote": 0, "failed": 0}


def delivered(checkout: Checkout) -> Path:
    (found,) = (checkout.root / "dist").rglob("out.txt")
    return found


def result(checkout: Checkout) -> Path:
    (found,) = (path for path in checkout.store.root.glob("results/*/*") if path.is_file())
    return found


CHANGES: dict[str, Callable[[Checkout], object]] = {
    "a source": lambda it: it.write("lib/a.txt", "two\n"),
    "a BUILD file": lambda it: it.write("BUILD", BUILD.replace("out.txt", "other.txt")),
    "a new BUILD file": lambda it: it.write("lib/BUILD", ""),
    "the configuration": lambda it: it.write(
        "putitoutthere.toml", it.root.joinpath("putitoutthere.toml").read_text() + "\n"
    ),
    "a new file": lambda it: it.write("lib/new.txt", ""),
    "a source is gone": lambda it: (it.root / "lib/a.txt").unlink(),
    "a delivered file": lambda it: delivered(it).write_text("mine\n"),
    "a delivered file's mode": lambda it: delivered(it).chmod(0o755),
    "a delivered file is gone": lambda it: delivered(it).unlink(),
    "the stored result is gone": lambda it: result(it).unlink(),
    "the user's settings": lambda it: Path(it.environ["PIOT_CONFIG"]).write_text("[cache]\n"),
    "a compiler is installed": lambda it: (Path(it.environ["PATH"]) / "cc").symlink_to("/bin/true"),
    "a declared tool": lambda it: relink(Path(it.environ["PATH"]) / "cat", "/usr/bin/tac"),
    "a file is hidden from git": lambda it: git(it, "update-index", "--assume-unchanged", "lib/a.txt"),
    "an ignored lock file": lambda it: it.write("Cargo.lock", ""),
}


def relink(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


@pytest.mark.parametrize("name", CHANGES)
def test_after_any_change_there_is_no_answer(checkout: Checkout, name: str) -> None:
    if name == "an ignored lock file":
        checkout.write(".gitignore", "*.log\nCargo.lock\n")
        checkout.build()
    assert ask(checkout) is not None
    CHANGES[name](checkout)
    assert ask(checkout) is None


@pytest.mark.parametrize(
    "options",
    [
        {"profile": "dev"},
        {"versions": (("lib", "2.0.0"),)},
        {"triples": ("host",)},
        {"force": True},
        {"no_cache": True},
        {"dry_run": True},
        {"keep_sandbox": True},
        {"incremental": True},
        {"events": Path("events")},
        {"trace": Path("trace")},
        {"offline": True},
    ],
    ids=str,
)
def test_another_request_is_not_answered(checkout: Checkout, options: dict[str, Any]) -> None:
    assert ask(checkout, **options) is None


def test_another_environment_is_not_answered_but_for_what_shells_change(checkout: Checkout) -> None:
    assert ask(checkout.with_environ(SHLVL="7", OLDPWD="/")) is not None
    assert ask(checkout.with_environ(CFLAGS="-O0")) is None


def test_no_value_of_a_variable_is_written_down(checkout: Checkout) -> None:
    checkout.with_environ(SOME_TOKEN="hunter2-hunter2").build()
    assert ask(checkout.with_environ(SOME_TOKEN="hunter2-hunter2")) is not None
    kept = [path for path in (checkout.root / ".piot").rglob("*") if path.is_file()]
    assert [path for path in kept if b"hunter2" in path.read_bytes()] == []


def test_what_was_edited_and_edited_back_is_built_once_more_and_then_answered(checkout: Checkout) -> None:
    checkout.write("lib/a.txt", "two\n")
    checkout.write("lib/a.txt", "one\n")
    os.utime(checkout.root / "lib/a.txt", (1, 1))
    assert ask(checkout) is None
    assert checkout.build().actions == {"//:copy": "cached"}
    assert ask(checkout) is not None


def test_with_edited_and_new_files_it_is_answered_too_until_they_change_again(checkout: Checkout) -> None:
    checkout.write("lib/a.txt", "two\n")
    checkout.write("lib/new.txt", "new\n")
    checkout.build()
    assert ask(checkout) is not None
    checkout.write("lib/a.txt", "owt\n")
    assert ask(checkout) is None
    checkout.build()
    assert ask(checkout) is not None
    checkout.write("lib/new.txt", "wen\n")
    assert ask(checkout) is None


def test_what_is_edited_while_it_is_built_is_noticed(checkout: Checkout) -> None:
    def edit(event: events.Event) -> None:
        if isinstance(event, events.ActionFinished):
            checkout.write("lib/a.txt", "three\n")

    request = BuildRequest(patterns=("//:all",), sandbox=checkout.sandbox)
    build(request, Where(directory=checkout.root, environ=checkout.environ), edit)
    assert ask(checkout) is None


def test_a_failed_build_is_not_kept(checkout: Checkout) -> None:
    checkout.write("BUILD", command("bad", "exit 1"))
    assert not checkout.build().report.ok
    assert ask(checkout) is None


def test_files_that_git_overlooks_are_never_relied_on(checkout: Checkout) -> None:
    git(checkout, "update-index", "--assume-unchanged", "lib/a.txt")
    checkout.build()
    assert ask(checkout) is None


def test_a_link_among_the_delivered_files_is_looked_after(checkout: Checkout) -> None:
    checkout.write("BUILD", command("tree", "mkdir t; echo x > t/x; ln -s x t/y", outputs=("t/",)))
    assert checkout.build().report.ok
    assert (checkout.root / "dist/y").is_symlink()
    assert ask(checkout) is None


def test_a_linked_source_counts_with_what_it_leads_to(checkout: Checkout) -> None:
    (checkout.root / "lib/a.txt").unlink()
    (checkout.root / "lib/a.txt").symlink_to("real.log")
    checkout.write("lib/real.log", "ignored by git\n")
    checkout.build()
    assert ask(checkout) is not None
    checkout.write("lib/real.log", "edited\n")
    assert ask(checkout) is None


def test_a_file_that_was_just_written_is_not_relied_on(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "GRANULARITY_NS", 10**12)
    assert ask(checkout) is None
    checkout.build()
    monkeypatch.setattr(clock, "GRANULARITY_NS", -(10**12))
    assert ask(checkout) is not None  # of the build before


def test_damaged_answers_are_none(checkout: Checkout) -> None:
    for path in (checkout.root / ".piot/repeat").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert ask(checkout) is None


def test_only_the_latest_requests_are_kept(checkout: Checkout) -> None:
    for number in range(MOST + 3):
        checkout.with_environ(NUMBER=str(number)).build()
    kept = [path for path in (checkout.root / ".piot/repeat").iterdir() if path.name != "index"]
    assert len(kept) == MOST
    assert ask(checkout) is None
    assert ask(checkout.with_environ(NUMBER=str(MOST + 2))) is not None


def test_outside_of_a_checkout_and_without_git_nothing_is_answered(
    tmp_path: Path, checkout: Checkout
) -> None:
    where = Where(directory=tmp_path, environ={})
    assert Repeat(BuildRequest(patterns=("//:all",)), where).answer() is None
    (checkout.root / ".git").rename(checkout.root / "git")
    checkout.build()
    assert ask(checkout) is None
