"""The files of a checkout, with git and without."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from piot.effects import git, witness
from piot.errors import InputError, MachineError

SETTINGS = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "protocol.file.allow=always")


def do(folder: Path, *argv: str) -> None:
    subprocess.run(["git", *SETTINGS, *argv], cwd=folder, check=True, capture_output=True)


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    do(folder, "init", "--quiet")
    return folder


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


def test_tracked_and_new_files_are_listed_and_ignored_ones_are_not(root: Path) -> None:
    write(root, "b", "a/tracked", "a/new", "a/ignored.log", "é ü\n", "target/x")
    (root / ".gitignore").write_text("*.log\ntarget/\n")
    do(root, "add", "b", "a/tracked")
    assert git.list_files(root) == (".gitignore", "a/new", "a/tracked", "b", "é ü\n")


def test_a_tracked_file_that_was_deleted_is_absent_staged_or_not(root: Path) -> None:
    write(root, "a", "b", "c")
    do(root, "add", ".")
    do(root, "commit", "-qm", "x")
    (root / "a").unlink()
    do(root, "rm", "-q", "b")
    assert git.list_files(root) == ("c",)


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
    assert git.list_files(root) == ("a",)


def test_a_file_that_is_not_checked_out_is_absent(root: Path) -> None:
    write(root, "a/x", "b/y")
    do(root, "add", ".")
    do(root, "commit", "-qm", "x")
    do(root, "sparse-checkout", "set", "a")
    assert git.list_files(root) == ("a/x",)


def test_nested_repositories_submodules_and_own_folders_are_left_out(root: Path) -> None:
    write(root, "a", "dist/x", ".piot/x", "packages/dist/kept", "nested/n")
    do(root / "nested", "init", "--quiet")
    write(root.parent, "library/f")
    do(root.parent / "library", "init", "--quiet")
    do(root.parent / "library", "add", ".")
    do(root.parent / "library", "commit", "-qm", "x")
    do(root, "submodule", "--quiet", "add", str(root.parent / "library"), "sub")
    assert git.list_files(root) == (".gitmodules", "a", "packages/dist/kept")


def test_a_folder_of_a_larger_repository_lists_its_own_files_only(root: Path) -> None:
    write(root, "outside", "in/side", "in/new")
    do(root, "add", "outside", "in/side")
    assert git.list_files(root / "in") == ("new", "side")


def test_a_folder_that_the_repository_around_it_ignores_is_walked(root: Path) -> None:
    write(root, "work/a", "work/target/x")
    (root / ".gitignore").write_text("work/\n")
    assert git.list_files(root / "work") == ("a",)


def test_ignored_locks_and_tool_settings_count_beside_a_manifest(root: Path) -> None:
    (root / ".gitignore").write_text("Cargo.lock\n.cargo/\nrust-toolchain.toml\n")
    write(root, "rust-toolchain.toml", "a/Cargo.toml", "a/Cargo.lock", "a/.cargo/config.toml", "b/Cargo.lock")
    assert git.list_files(root) == (
        ".gitignore",
        "a/.cargo/config.toml",
        "a/Cargo.lock",
        "a/Cargo.toml",
        "rust-toolchain.toml",
    )
    assert git.list_files(root, also=()) == (".gitignore", "a/Cargo.toml")


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_links_are_listed_and_not_followed(root: Path) -> None:
    write(root, "a/x")
    (root / "link").symlink_to("a")
    (root / "loop").symlink_to("loop")
    assert git.list_files(root) == git.list_files(root, environ={"PATH": ""}) == ("a/x", "link", "loop")


def test_without_git_everything_is_walked_but_what_tools_leave_behind(tmp_path: Path) -> None:
    write(tmp_path, "a", ".hidden", "b/c", "dist/x", ".piot/x", "nested/.git/HEAD", "nested/n")
    write(tmp_path, *(f"b/{name}/x" for name in ("target", "node_modules", ".venv", "__pycache__", ".git2")))
    expected = (".hidden", "a", "b/.git2/x", "b/c")
    assert git.list_files(tmp_path) == expected
    do(tmp_path, "init", "--quiet")
    assert git.list_files(tmp_path, environ={"PATH": str(tmp_path)}) == expected


def test_variables_of_a_git_hook_do_not_lead_astray(root: Path, tmp_path: Path) -> None:
    write(root, "a")
    environ = {**os.environ, "GIT_DIR": str(tmp_path / "else"), "GIT_INDEX_FILE": str(tmp_path / "index")}
    assert git.list_files(root, environ=environ) == ("a",)


def test_when_git_refuses_its_words_are_shown(root: Path) -> None:
    (root / ".git" / "index").write_text("nonsense")
    with pytest.raises(MachineError) as caught:
        git.list_files(root)
    assert caught.value.message.startswith(f"git cannot list the files of {root}:\n")
    assert "index" in caught.value.message
    assert caught.value.hint == "`git status` in that folder must work for piot too"


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
