"""The root of a checkout, and the tags of its commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.effects import git, witness
from piot.errors import InputError
from tests.support.repository import do, init, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return init(tmp_path / "repository")


def test_the_root_is_the_nearest_folder_with_a_configuration(tmp_path: Path) -> None:
    write(tmp_path, "putitoutthere.toml", "a/putitoutthere.toml", "a/b/c/x")
    assert git.find_root(tmp_path / "a" / "b" / "c") == tmp_path / "a"
    assert git.find_root(tmp_path) == tmp_path


def test_without_a_configuration_the_error_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        git.find_root(tmp_path)
    assert str(caught.value) == (
        f"no putitoutthere.toml in {tmp_path} or in any folder above it\n\n"
        "hint: name the repository with -C DIR, or write the file with `piot init`"
    )


def test_tags_count_when_head_has_them_behind_it(root: Path) -> None:
    assert git.reachable_tags(root) == ()
    for name in ("one", "two", "three"):
        write(root, name)
        do(root, "add", name)
        do(root, "commit", "-qm", name)
        do(root, "tag", f"@me/{name}-v1.0.0")
    do(root, "pack-refs", "--all")
    do(root, "tag", "here")
    assert git.reachable_tags(root) == ("@me/one-v1.0.0", "@me/three-v1.0.0", "@me/two-v1.0.0", "here")
    do(root, "checkout", "-q", "HEAD~1")
    assert git.reachable_tags(root) == ("@me/one-v1.0.0", "@me/two-v1.0.0")


def test_without_git_there_are_no_tags(tmp_path: Path, root: Path) -> None:
    assert git.reachable_tags(tmp_path) == ()
    assert git.reachable_tags(root, {"PATH": str(tmp_path)}) == ()


@pytest.mark.parametrize(
    "change", [("tag", "new"), ("tag", "a/b"), ("tag", "-d", "old"), ("reset", "--soft", "HEAD~1")]
)
def test_who_watches_sees_that_tags_changed(root: Path, change: tuple[str, ...]) -> None:
    for name in ("one", "two"):
        write(root, name)
        do(root, "add", name)
        do(root, "commit", "-qm", name)
    do(root, "tag", "old")
    watcher = witness.Witness()
    with witness.watching(watcher):
        git.reachable_tags(root)
    assert watcher.facts and witness.holds(watcher.facts)
    do(root, *change)
    assert not witness.holds(watcher.facts)


def test_tags_of_a_work_tree_are_not_relied_on(root: Path, tmp_path: Path) -> None:
    write(root, "one")
    do(root, "add", ".")
    do(root, "commit", "-qm", "one")
    do(root, "tag", "v1")
    do(root, "worktree", "add", "-q", str(tmp_path / "tree"))
    watcher = witness.Witness()
    with witness.watching(watcher):
        assert git.reachable_tags(tmp_path / "tree") == ("v1",)
    assert watcher.doubts
