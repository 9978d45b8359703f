"""The commits since a release, of a real repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.effects.commit_paths import Change, changes
from piot.errors import MachineError
from tests.support.repository import do, init, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = init(tmp_path / "one")
    write(folder, "a", "sub/b ü")
    do(folder, "add", ".")
    do(folder, "commit", "-m", "first")
    do(folder, "tag", "v1")
    return folder


def test_every_commit_has_its_subject_and_paths_the_oldest_first(root: Path) -> None:
    do(root, "commit", "--allow-empty", "-m", "nothing")
    do(root, "mv", "a", "c")
    do(root, "rm", "-q", "sub/b ü")
    do(root, "commit", "-m", "two\n\nbody: \x02")
    assert changes(root, os.environ, None) == (
        Change("first", ("a", "sub/b ü")),
        Change("nothing", ()),
        Change("two", ("a", "c", "sub/b ü")),
    )
    assert [each.subject for each in changes(root, os.environ, "v1")] == ["nothing", "two"]
    assert changes(root, os.environ, "HEAD") == ()


def test_paths_are_those_below_the_folder(root: Path) -> None:
    assert changes(root / "sub", os.environ, None) == (Change("first", ("b ü",)),)


def test_merges_are_left_out(root: Path) -> None:
    do(root, "checkout", "-q", "-b", "side")
    write(root, "side")
    do(root, "add", ".")
    do(root, "commit", "-m", "on the side")
    do(root, "checkout", "-q", "-")
    do(root, "merge", "--no-ff", "-m", "merged", "side")
    assert [each.subject for each in changes(root, os.environ, "v1")] == ["on the side"]


def test_a_commit_that_is_not_there_is_an_error(root: Path) -> None:
    with pytest.raises(MachineError, match="nowhere"):
        changes(root, os.environ, "nowhere")
