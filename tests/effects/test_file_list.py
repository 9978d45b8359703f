"""The files of a checkout, with git and without."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from piot.effects.file_list import list_files
from piot.errors import MachineError
from tests.support.repository import do, init, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return init(tmp_path / "repository")


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(root: Path) -> None:
    write(root, "b", "a/tracked", "a/new", "a/ignored.log", "é ü\n", "target/x")
    (root / ".gitignore").write_text("*.log\ntarget/\n")
    do(root, "add", "b", "a/tracked")
    assert list_files(root).paths == (".gitignore", "a/new", "a/tracked", "b", "é ü\n")


def test_a_tracked_file_that_was_deleted_is_absent_staged_or_not(root: Path) -> None:
    write(root, "a", "b", "c")
    do(root, "add", ".")
    do(root, "commit", "-qm", "x")
    (root / "a").unlink()
    do(root, "rm", "-q", "b")
    assert list_files(root).paths == ("c",)


def test_a_file_in_conflict_is_listed_once(root: Path) -> None:
    write(root, "a")
    do(root, "add", ".")
    do(root, "commit", "-qm", "x")
    do(root, "checkout", "-qb", "other")
    (root / "a").write_text("other")
    do(root, "commit", "-qam", "y")
    do(root, "checkout", "-q", "-")
    (root / "a").write_text("mine")
    do(root, "commit", "-qam", "z")
    with pytest.raises(subprocess.CalledProcessError):
        do(root, "merge", "other")
    assert list_files(root).paths == ("a",)


def test_a_file_that_is_not_checked_out_is_absent(root: Path) -> None:
    write(root, "a/x", "b/y")
    do(root, "add", ".")
    do(root, "commit", "-qm", "x")
    do(root, "sparse-checkout", "set", "a")
    assert list_files(root).paths == ("a/x",)


def test_nested_repositories_submodules_and_own_folders_are_left_out(root: Path) -> None:
    write(root, "a", "dist/x", ".piot/x", "packages/dist/kept", "nested/n")
    do(root / "nested", "init", "--quiet")
    write(root.parent, "library/f")
    do(root.parent / "library", "init", "--quiet")
    do(root.parent / "library", "add", ".")
    do(root.parent / "library", "commit", "-qm", "x")
    do(root, "submodule", "--quiet", "add", str(root.parent / "library"), "sub")
    assert list_files(root).paths == (".gitmodules", "a", "packages/dist/kept")


def test_a_folder_of_a_larger_repository_lists_its_own_files_only(root: Path) -> None:
    write(root, "outside", "in/side", "in/new")
    do(root, "add", "outside", "in/side")
    assert list_files(root / "in").paths == ("new", "side")


def test_a_folder_that_the_repository_around_it_ignores_is_walked(root: Path) -> None:
    write(root, "work/a", "work/target/x")
    (root / ".gitignore").write_text("work/\n")
    assert list_files(root / "work").paths == ("a",)


def test_ignored_locks_and_tool_settings_count_beside_a_manifest(root: Path) -> None:
    (root / ".gitignore").write_text("Cargo.lock\n.cargo/\nrust-toolchain.toml\n")
    write(root, "rust-toolchain.toml", "a/Cargo.toml", "a/Cargo.lock", "a/.cargo/config.toml", "b/Cargo.lock")
    assert list_files(root).paths == (
        ".gitignore",
        "a/.cargo/config.toml",
        "a/Cargo.lock",
        "a/Cargo.toml",
        "rust-toolchain.toml",
    )
    assert list_files(root, also=()).paths == (".gitignore", "a/Cargo.toml")


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_links_are_listed_and_not_followed(root: Path) -> None:
    write(root, "a/x")
    (root / "link").symlink_to("a")
    (root / "loop").symlink_to("loop")
    assert list_files(root).paths == list_files(root, environ={"PATH": ""}).paths == ("a/x", "link", "loop")


def test_without_git_everything_is_walked_but_what_tools_leave_behind(tmp_path: Path) -> None:
    write(tmp_path, "a", ".hidden", "b/c", "dist/x", ".piot/x", "nested/.git/HEAD", "nested/n")
    write(tmp_path, *(f"b/{name}/x" for name in ("target", "node_modules", ".venv", "__pycache__", ".git2")))
    expected = (".hidden", "a", "b/.git2/x", "b/c")
    assert list_files(tmp_path).paths == expected
    do(tmp_path, "init", "--quiet")
    assert list_files(tmp_path, environ={"PATH": str(tmp_path)}).paths == expected


def test_variables_of_a_git_hook_do_not_lead_astray(root: Path, tmp_path: Path) -> None:
    write(root, "a")
    environ = {**os.environ, "GIT_DIR": str(tmp_path / "else"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    assert list_files(root, environ=environ).paths == ("a",)


def test_when_git_refuses_its_words_are_shown(root: Path) -> None:
    (root / ".git" / "index").write_text("nonsense")
    with pytest.raises(MachineError) as caught:
        list_files(root)
    assert caught.value.message.startswith(f"git cannot list the files of {root}:\n")
    assert "index" in caught.value.message
    assert caught.value.hint == "`git status` in that folder must work for piot too"


def test_settings_of_cargo_and_rustup_count_also_where_git_ignores_them(tmp_path: Path) -> None:
    ignored = (".cargo/config.toml", "Cargo.lock", "rust-toolchain.toml")
    names = (*ignored, "Cargo.toml", "src/lib.rs", "target/out", "config.toml")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("/.cargo/\n*.lock\nrust-toolchain*\n/target/\n/config.toml\n")
    do(tmp_path, "init", "--quiet")
    assert list_files(tmp_path).paths == (*sorted((".gitignore", "Cargo.toml", "src/lib.rs", *ignored)),)


def test_what_git_does_not_track_and_where_it_looked_is_told(root: Path) -> None:
    write(root, "a/Cargo.toml", "a/new", "gone/b", "dist/x")
    (root / ".gitignore").write_text("/a/.cargo/\n")
    do(root, "add", "a/Cargo.toml", "gone/b", ".gitignore")
    (root / "gone/b").unlink()
    found = list_files(root)
    write(root, "a/.cargo/config")
    assert list_files(root).untracked == ("a/.cargo/config", "a/new")
    assert found.untracked == ("a/new",)
    assert found.places == frozenset({".gitignore", "a/Cargo.toml", "a/new", "gone/b", "dist/x"})
    assert "a/.cargo/config.toml" in found.looked_for
    assert list_files(root, environ={"PATH": ""}).places is None


@pytest.mark.parametrize(
    ("flag", "listed"), [("--assume-unchanged", ("a", "b")), ("--skip-worktree", ("b",))]
)
def test_files_that_git_was_told_to_overlook_are_known(
    root: Path, flag: str, listed: tuple[str, ...]
) -> None:
    write(root, "a", "b")
    do(root, "add", ".")
    assert not list_files(root).hidden
    do(root, "update-index", flag, "a")
    assert list_files(root).hidden
    assert list_files(root).paths == listed
