"""Tags of releases: made once by piot's own name, pushed, and never moved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.effects import tags
from piot.errors import InputError, MachineError
from tests.support.repository import do

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two commits, whose remote is beside it; nobody has a name here."""
    do(tmp_path, "init", "--quiet", "--bare", "remote.git")
    do(tmp_path, "init", "--quiet", "--initial-branch=main", "checkout")
    root = tmp_path / "checkout"
    for message in ("one", "two"):
        do(root, "commit", "--quiet", "--allow-empty", f"--message={message}")
    do(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    return root


def head(root: Path, revision: str = "HEAD") -> str:
    return do(root, "rev-parse", revision).strip()


def test_a_tag_is_annotated_and_pushed(root: Path) -> None:
    commit = head(root)
    assert tags.make(root, "x-v1.0.0", commit, ENV)
    assert tags.push(root, "x-v1.0.0", commit, ENV)
    remote = root.parent / "remote.git"
    assert do(remote, "cat-file", "-t", "x-v1.0.0") == "tag\n"
    assert head(remote, "x-v1.0.0^{commit}") == commit
    assert "Release x-v1.0.0" in do(remote, "tag", "--list", "-n1")
    assert "piot <piot@release.invalid>" in do(remote, "cat-file", "-p", "x-v1.0.0")


def test_the_second_time_nothing_is_done(root: Path) -> None:
    commit = head(root)
    for expected in (True, False):
        assert tags.make(root, "x-v1.0.0", commit, ENV) is expected
        assert tags.push(root, "x-v1.0.0", commit, ENV) is expected


def test_a_tag_that_was_made_and_not_pushed_is_pushed(root: Path) -> None:
    commit = head(root)
    tags.make(root, "x-v1.0.0", commit, ENV)
    assert not tags.make(root, "x-v1.0.0", commit, ENV)
    assert tags.push(root, "x-v1.0.0", commit, ENV)


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_tag_of_another_commit_is_never_moved(root: Path, where: str) -> None:
    before, now = head(root, "HEAD~1"), head(root)
    do(root, "tag", "x-v1.0.0", before)
    if where == "there":
        do(root, "push", "--quiet", "origin", "x-v1.0.0")
    with pytest.raises(InputError) as caught:
        (tags.make if where == "here" else tags.push)(root, "x-v1.0.0", now, ENV)
    assert str(caught.value) == (
        f"the tag x-v1.0.0 is at {before[:12]}, and {now[:12]} was published"
        "\n\nhint: piot never moves a tag: find out who made it, and release another version"
    )


def test_a_push_that_fails_is_an_error(root: Path) -> None:
    commit = head(root)
    tags.make(root, "x-v1.0.0", commit, ENV)
    hook = root.parent / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho no tags today >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(MachineError) as caught:
        tags.push(root, "x-v1.0.0", commit, ENV)
    assert "the tag x-v1.0.0 cannot be pushed to origin" in caught.value.message
    assert "no tags today" in caught.value.message


def test_a_remote_that_cannot_be_read_is_an_error_and_none_is_not(root: Path) -> None:
    assert tags.has_remote(root, ENV)
    do(root, "remote", "set-url", "origin", str(root.parent / "gone"))
    with pytest.raises(MachineError, match="git cannot read the tags of origin"):
        tags.push(root, "x-v1.0.0", head(root), ENV)
    do(root, "remote", "remove", "origin")
    assert not tags.has_remote(root, ENV)
    assert tags.commit_of(root, "refs/tags/none", ENV) is None
