"""The state of real repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.effects.git_state import GitState, dirty, shown, state
from tests.support.repository import do, init, write

WHO = {
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.invalid",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def asked(root: Path, **more: str) -> GitState | None:
    return state(root, {"PATH": os.environ["PATH"], **WHO, **more})


def the(root: Path, **more: str) -> GitState:
    found = asked(root, **more)
    assert found is not None
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = init(tmp_path / "one")
    write(folder, "a", "b")
    do(folder, "add", ".")
    do(folder, "commit", "-m", "one")
    do(folder, "branch", "-M", "main")
    return folder


def test_a_fresh_clone_is_clean(root: Path) -> None:
    do(root, "tag", "v1.0.0")
    found = the(root)
    assert found.version.count(".") >= 2 and len(found.commit) == 40
    assert (found.root, found.branch, found.shallow) == (str(root), "main", False)
    assert (found.tags, found.all_tags, found.dirty, found.remotes) == (("v1.0.0",), ("v1.0.0",), (), ())
    assert found.identity == "A <a@example.invalid>"


def test_tags_of_other_branches_are_not_reachable(root: Path) -> None:
    do(root, "checkout", "-b", "side")
    do(root, "commit", "--allow-empty", "-m", "side")
    do(root, "tag", "v9.0.0")
    do(root, "checkout", "main")
    found = the(root)
    assert (found.tags, found.all_tags) == ((), ("v9.0.0",))


def test_what_differs_from_head_is_listed(root: Path) -> None:
    (root / "a").write_text("other")
    do(root, "mv", "b", "new name")
    write(root, "näw")
    assert sorted(the(root).dirty) == ["a", "b", "new name", "näw"]
    assert dirty(root, os.environ, ["a", "*"]) == ("a",)


def test_a_shallow_clone_is_noticed(root: Path, tmp_path: Path) -> None:
    do(root, "commit", "--allow-empty", "-m", "two")
    do(tmp_path, "clone", "--depth=1", root.as_uri(), "two")
    found = the(tmp_path / "two")
    assert (found.shallow, found.remotes) == (True, (("origin", root.as_uri()),))


def test_nobody_is_nobody(root: Path) -> None:
    settings = root / "settings"
    settings.write_text("[user]\n\tuseConfigOnly = true\n")
    nobody = dict.fromkeys(("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"), "")
    assert the(root, **nobody, GIT_CONFIG_GLOBAL=str(settings)).identity == ""


def test_a_detached_head_is_on_no_branch_and_an_empty_repository_has_no_commit(
    root: Path, tmp_path: Path
) -> None:
    do(root, "checkout", "--detach")
    assert the(root).branch == ""
    assert the(init(tmp_path / "empty")).commit == ""


def test_without_a_repository_or_git_there_is_nothing(root: Path, tmp_path: Path) -> None:
    assert asked(tmp_path) is None
    assert state(root, {"PATH": ""}) is None


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("https://user:hunter2@example.invalid/r.git?x=hunter2#y", "https://example.invalid/r.git"),
        ("https://example.invalid/r.git", "https://example.invalid/r.git"),
        ("git@example.invalid:me/r.git", "git@example.invalid:me/r.git"),
        ("../r", "../r"),
    ],
)
def test_addresses_are_shown_without_secrets(root: Path, address: str, seen: str) -> None:
    assert shown(address) == seen
    do(root, "remote", "add", "origin", address)
    assert the(root).remotes == (("origin", seen),)
