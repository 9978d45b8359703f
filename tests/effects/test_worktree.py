"""Whether git sees any change of a work tree; the real git, in repositories of this test's own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects import worktree
from piot.effects.file_list import list_files
from piot.effects.worktree import Worktree
from tests.support.repository import do


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    for name in ("a", "b", "sub/c"):
        (folder / name).write_text("one\n")
    (folder / ".gitignore").write_text("*.log\n")
    do(folder, "init", "--quiet")
    do(folder, "add", ".")
    do(folder, "commit", "-qm", "x")
    return folder


def glance(root: Path) -> Worktree:
    found = worktree.glance(root, os.environ, lambda: list_files(root).untracked)
    assert found is not None
    return found


CHANGES: dict[str, Callable[[Path], object]] = {
    "edited": lambda root: (root / "a").write_text("two\n"),
    "edited, same time": lambda root: edit_secretly(root / "a"),
    "touched": lambda root: os.utime(root / "a", (1, 1)),
    "executable": lambda root: (root / "a").chmod(0o755),
    "deleted": lambda root: (root / "a").unlink(),
    "new": lambda root: (root / "new").write_text("x"),
    "renamed": lambda root: (root / "a").rename(root / "z"),
    "a link instead": lambda root: link(root / "a", "b"),
    "staged": lambda root: stage(root / "a"),
    "other commit": lambda root: do(root, "rm", "-q", "a"),
    "no longer ignored": lambda root: show(root / "x.log"),
    "hidden from git": lambda root: do(root, "update-index", "--assume-unchanged", "a"),
}


def stage(path: Path) -> None:
    path.write_text("two\n")
    do(path.parent, "add", path.name)


def show(path: Path) -> None:
    path.touch()
    path.with_name(".gitignore").write_text("")


def link(path: Path, target: str) -> None:
    path.unlink()
    path.symlink_to(target)


def edit_secretly(path: Path) -> None:
    """Same size, same mtime, same inode; only the ctime tells."""
    before = path.stat()
    path.write_text("two\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_shows(root: Path, name: str) -> None:
    before = glance(root)
    assert glance(root) == before
    CHANGES[name](root)
    assert glance(root) != before


def test_line_ends_that_git_would_normalise_show(root: Path) -> None:
    (root / ".gitattributes").write_text("* text=auto\n")
    do(root, "add", ".")
    before = glance(root)
    (root / "a").write_bytes(b"one\r\n")
    assert glance(root) != before


def test_in_the_second_of_the_index_the_bytes_count(root: Path) -> None:
    """Most builds of git compare whole seconds: what was written in that of the index may be another file."""
    path, index = root / "a", root / ".git/index"
    for _ in range(30):
        time.sleep(1 - time.time() % 1)
        path.write_text("one\n")
        do(root, "add", "a")
        path.write_text("two\n")
        edited = glance(root).paths
        if int(path.stat().st_mtime) == int(index.stat().st_mtime):
            break
    else:
        pytest.fail("no second was long enough")
    assert edited == ("a",)


def test_nothing_is_told_of_an_index_that_is_written_meanwhile(root: Path) -> None:
    """What git says may be of the new one, in which files are clean that differ from the old one."""
    (root / "a").write_text("two\n")

    def stage() -> tuple[str, ...]:
        do(root, "add", "a")
        return ()

    assert worktree.glance(root, os.environ, stage) is None
    assert glance(root).paths == ()


@pytest.mark.parametrize(
    "setting", ["core.fileMode=false", "core.trustctime=false", "core.checkStat=minimal"]
)
def test_what_git_was_told_not_to_look_at_shows_all_the_same(root: Path, setting: str) -> None:
    do(root, "config", *setting.split("="))
    do(root, "update-index", "--really-refresh")
    before = glance(root)
    edit_secretly(root / "a")
    (root / "b").chmod(0o755)
    assert glance(root).paths == tuple(sorted({*before.paths, "a", "b"}))


def test_paths_that_differ_are_named_from_the_folder_that_is_asked_about(root: Path) -> None:
    (root / "a").write_text("outside")
    (root / "sub/c").write_text("inside")
    (root / "sub/é\n").write_text("new")
    (root / "sub/x.log").write_text("ignored")
    assert glance(root / "sub").paths == ("c", "é\n")
    assert glance(root).paths == ("a", "sub/c", "sub/é\n")


def test_a_linked_work_tree_has_an_index_of_its_own(root: Path, tmp_path: Path) -> None:
    do(root, "worktree", "add", "-q", str(tmp_path / "other"))
    before, other = glance(root), glance(tmp_path / "other")
    assert before.index_stat != other.index_stat
    do(tmp_path / "other", "rm", "-q", "a")
    assert glance(root) == before
    assert glance(tmp_path / "other") != other


def test_without_git_or_before_the_first_add_nothing_is_known(tmp_path: Path, root: Path) -> None:
    assert worktree.glance(tmp_path, os.environ, tuple) is None
    assert worktree.glance(root, {"PATH": str(tmp_path)}, tuple) is None
    assert worktree.glance(root, os.environ, lambda: None) is None
    do(tmp_path, "init", "--quiet", "new")
    assert worktree.glance(tmp_path / "new", os.environ, tuple) is None
