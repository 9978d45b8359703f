"""The folder with the programs that every command may call."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from piot.run import programs
from piot.run.stores.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A system of its own, with ``cat``, ``awk`` which is a link to mawk, and ``sh`` in another folder."""
    first, second = tmp_path / "usr/bin", tmp_path / "bin"
    for path in (first / "cat", first / "mawk", second / "sh", second / "cat"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is {path.parent.name}/{path.name}")
        path.chmod(0o755)
    (first / "awk").symlink_to("mawk")
    monkeypatch.setattr(programs, "SYSTEM_PATH", (str(first), str(second)))
    _forget()
    yield tmp_path
    _forget()


def _forget() -> None:
    programs.base.cache_clear()
    programs.real.cache_clear()


def test_the_first_of_each_name_is_taken(system: Path) -> None:
    usr, other = system / "usr/bin", system / "bin"
    assert programs.base() == {"awk": usr / "awk", "cat": usr / "cat", "sh": other / "sh"}
    assert programs.real(usr / "awk") == usr / "mawk"


def test_copies_stand_at_their_real_places_below(system: Path, store: LocalStore) -> None:
    made = programs.folder(store)
    inside = made / str(system).removeprefix("/")
    found = {path.relative_to(inside).as_posix(): path for path in inside.rglob("*") if path.is_file()}
    assert {name: path.read_text() for name, path in found.items()} == {
        "bin/sh": "this is bin/sh",
        "usr/bin/cat": "this is bin/cat",
        "usr/bin/mawk": "this is bin/mawk",
    }
    assert all(os.access(path, os.X_OK) for path in found.values())


def test_they_are_copied_once_until_one_of_them_changes(system: Path, store: LocalStore) -> None:
    made = programs.folder(store)
    blobs = len(list((store.root / "blobs").rglob("*")))
    assert programs.folder(LocalStore(store.root)) == made
    assert len(list((store.root / "blobs").rglob("*"))) == blobs
    (system / "usr/bin/cat").write_text("new")
    again = programs.folder(LocalStore(store.root))
    assert again != made
    assert (again / str(system / "usr/bin/cat").removeprefix("/")).read_text() == "new"


@pytest.mark.parametrize("lost", ["trees", "blobs", "."])
@pytest.mark.usefixtures("system")
def test_what_the_store_has_lost_is_copied_again(store: LocalStore, lost: str) -> None:
    made = programs.folder(store)
    for path in made.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)
    made.chmod(0o755)
    shutil.rmtree(store.root / lost)
    if lost == "blobs":
        shutil.rmtree(store.root / "trees")
    assert programs.folder(LocalStore(store.root)) == made
    assert any(path.is_file() for path in made.rglob("*"))
