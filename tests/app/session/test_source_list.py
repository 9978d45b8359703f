"""The list of source files that is kept is the one that git would give, whatever happened in between."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.app.session import source_list
from piot.app.session.source_list import SourceList
from piot.effects import clock, folders
from piot.effects.file_list import FileList, list_files
from piot.run.index import load_rows, save_rows
from tests.support.repository import do


def write(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test changes counts as old; its changes are far enough apart for ext4's time stamps."""
    for module in (clock, folders):
        monkeypatch.setattr(module, "GRANULARITY_NS", -(10**12))


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """How often git was asked for the list."""
    asked: list[Path] = []

    def listing(root: Path, environ: Mapping[str, str]) -> FileList:
        asked.append(root)
        return list_files(root, environ=environ)

    monkeypatch.setattr(source_list, "list_files", listing)
    return asked


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "top" / "repository")


def repository(root: Path) -> Path:
    for name in (
        "a",
        "sub/deep/b",
        "crate/Cargo.toml",
        "new/c",
        "ignored/kept",
        "late/log",
        "empty/.gitignore",
    ):
        write(root / name)
    write(root / ".gitignore", "*.log\nignored/\nx.txt\n/crate/.cargo/\nlate/\n")
    write(root / "empty/.gitignore", "*\n")
    (root / "bare").mkdir()
    do(root, "init", "--quiet")
    do(root, "add", "a", "sub", "crate", ".gitignore")
    do(root, "add", "--force", "ignored/kept")
    do(root, "commit", "-qm", "x")
    return root


def look(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[tuple[str, ...], object]:
    found = SourceList(root, environ)
    return found.paths, found.untracked


def fresh(root: Path) -> tuple[tuple[str, ...], object]:
    found = list_files(root)
    return found.paths, None if found.places is None else found.untracked


def edit_in_place(root: Path) -> None:
    with (root / "a").open("a") as file:
        file.write("more")


def replace_file(root: Path) -> None:
    write(root / "sub/a.tmp")
    (root / "sub/a.tmp").rename(root / "sub/deep/b")


def writes(root: Path, *names: str) -> None:
    for name in names:
        write(root / name, "")


def swap(file: Path, folder: Path) -> None:
    file.unlink()
    folder.rename(file)


def link(folder: Path, target: str) -> None:
    shutil.rmtree(folder)
    folder.symlink_to(target)


SAME: dict[str, Callable[[Path], object]] = {
    "nothing": str,
    "edited in place": edit_in_place,
    "replaced, as editors do": replace_file,
    "something in an ignored folder": lambda root: write(root / "late/more/x"),
    "what piot writes": lambda root: writes(root, "dist/x", ".piot/y"),
    "executable": lambda root: (root / "a").chmod(0o755),
}


@pytest.mark.parametrize("name", SAME)
def test_the_list_is_not_made_again_while_no_folder_has_other_names(
    root: Path, name: str, listings: list[Path]
) -> None:
    before = look(root)
    look(root)
    del listings[:]
    SAME[name](root)
    assert look(root) == before == fresh(root)
    assert listings == []


def global_patterns(root: Path) -> None:
    do(root, "config", "core.excludesFile", str(root.parent / "mine"))
    write(root.parent / "mine", "new/\n")


OTHER: dict[str, Callable[[Path], object]] = {
    "new": lambda root: write(root / "sub/d"),
    "new in a new folder": lambda root: write(root / "sub/e/f/g"),
    "new in a folder that was empty": lambda root: write(root / "bare/a"),
    "deleted": lambda root: (root / "sub/deep/b").unlink(),
    "a whole folder deleted": lambda root: shutil.rmtree(root / "new"),
    "renamed": lambda root: (root / "sub").rename(root / "other"),
    "a folder instead": lambda root: swap(root / "a", root / "new"),
    "a link instead": lambda root: link(root / "new", "sub"),
    "other patterns": lambda root: write(root / ".gitignore", "*.toml\n"),
    "patterns where there were none": lambda root: write(root / "new/.gitignore", "c\n"),
    "patterns of a folder without files": lambda root: writes(root, "empty/.gitignore", "empty/x"),
    "patterns of this clone": lambda root: write(root / ".git/info/exclude", "new/\n"),
    "patterns of this user": global_patterns,
    "staged": lambda root: do(root, "add", "new"),
    "no longer tracked": lambda root: do(root, "rm", "-rq", "--cached", "ignored"),
    "a repository of its own": lambda root: do(root / "new", "init", "-q"),
    "tool settings that are ignored": lambda root: write(root / "crate/.cargo/config.toml"),
    "a lock file that is ignored": lambda root: write(root / "crate/Cargo.lock"),
}


@pytest.mark.parametrize("name", OTHER)
def test_whatever_changes_the_list_is_seen(root: Path, name: str) -> None:
    before = look(root)
    OTHER[name](root)
    if name != "staged":
        assert fresh(root) != before
    assert look(root) == fresh(root)
    assert look(root) == fresh(root)


@pytest.mark.parametrize(
    "name", ["nothing", "executable", "new", "deleted", "a whole folder deleted", "renamed"]
)
def test_where_the_system_is_slow_folders_are_looked_at_together(
    root: Path, name: str, listings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "SLOW", -1.0)
    monkeypatch.setattr(folders, "EACH", 1)
    look(root)
    del listings[:]
    {**SAME, **OTHER}[name](root)
    assert look(root) == fresh(root)
    assert (listings == []) == (name in SAME)


def test_patterns_above_the_root_count(root: Path, tmp_path: Path) -> None:
    shutil.rmtree(root / ".git")
    do(tmp_path, "init", "-q")
    before = look(root)
    write(tmp_path / "top/.gitignore", "new/\n")
    assert look(root) == fresh(root) != before


def test_a_deleted_file_that_comes_back_is_listed(root: Path) -> None:
    shutil.rmtree(root / "ignored")
    assert "ignored/kept" not in look(root)[0]
    write(root / "ignored/kept")
    assert look(root) == fresh(root)
    assert "ignored/kept" in look(root)[0]


def test_the_rest_of_a_nested_repository_is_nobodys(root: Path, listings: list[Path]) -> None:
    do(root / "new", "init", "-q")
    write(root / "new/more/x")
    look(root)
    del listings[:]
    write(root / "new/more/y")
    assert look(root) == fresh(root)
    assert listings == []
    shutil.rmtree(root / "new/.git")
    assert look(root) == fresh(root)
    assert "new/more/y" in look(root)[0]


def test_another_home_has_other_patterns(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "home/.config/git/ignore", "new/\n")
    environ = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
    assert "new/c" in look(root)[0]
    assert "new/c" not in look(root, {**environ, "HOME": str(tmp_path / "home")})[0]


def test_a_folder_that_was_changed_just_now_is_not_relied_on(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert look(root) == look(root) == fresh(root)
    assert not (root / ".piot/files").exists()


def test_no_value_of_a_setting_that_may_be_secret_is_kept(root: Path) -> None:
    do(root, "config", "http.extraHeader", "Authorization: hunter2")
    look(root)
    assert b"hunter2" not in (root / ".piot/files").read_bytes()


@pytest.mark.parametrize("file", ["files", "file-names"])
def test_a_damaged_file_is_made_again(root: Path, file: str) -> None:
    look(root)
    kept = root / ".piot" / file
    for damage in (b"", b"nonsense", kept.read_bytes()[:-7]):
        kept.write_bytes(damage)
        assert look(root) == fresh(root)
    save_rows(kept, {**load_rows(kept), "digest": "other", "format": 0})
    assert look(root) == fresh(root)


def test_without_git_the_files_are_walked_each_time(tmp_path: Path) -> None:
    write(tmp_path / "a")
    assert look(tmp_path) == (("a",), None)
    write(tmp_path / "b")
    assert look(tmp_path) == (("a", "b"), None)
    assert not (tmp_path / ".piot").exists()


def test_where_nothing_can_be_written_it_is_listed_each_time(root: Path) -> None:
    write(root / ".piot")
    assert look(root) == look(root) == fresh(root)


NAMES = st.sampled_from(["a", "b.log", ".gitignore", "s", "s/a", "s/t/u", "s/t/.gitignore", "i/a", "i/j/k"])
TEXTS = st.sampled_from(["", "*\n", "i/\n", "!a\n", "s/t/\n"])
STEPS = st.one_of(
    st.tuples(st.just("write"), NAMES, TEXTS),
    st.tuples(st.just("remove"), NAMES, st.just("")),
    st.tuples(st.just("add"), NAMES, st.just("")),
    st.tuples(st.just("commit"), st.just("."), st.just("")),
    st.tuples(st.just("exclude"), st.just("."), TEXTS),
)


def apply(root: Path, step: tuple[str, str, str]) -> None:
    kind, name, text = step
    path = root / name
    if any(each.is_file() for each in path.parents):
        return
    if kind == "write" and not path.is_dir():
        write(path, text)
    elif kind == "remove":
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    elif kind == "add":
        do(root, "add", "--force", name, check=False)
    elif kind == "commit":
        do(root, "commit", "-qm", "x", check=False)
    elif kind == "exclude":
        write(root / ".git/info/exclude", text)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=8))
def test_after_any_changes_it_is_the_list_that_git_gives(
    steps: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("law")
    do(root, "init", "-q")
    write(root / "a")
    do(root, "add", ".")
    for step in steps:
        apply(root, step)
        assert look(root) == fresh(root), step
