"""What a run looked at, and whether it still is as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from piot.effects import files, host, peek, stats, witness
from piot.effects.file_list import list_files
from piot.effects.witness import Witness, holds, watching


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of this test count as old."""
    monkeypatch.setattr(witness, "GRANULARITY_NS", -(10**12))


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


LOOKS: dict[str, Callable[[Path], object]] = {
    "look": lambda folder: files.look(folder / "a"),
    "read": lambda folder: files.read_file(folder / "a"),
    "peek": lambda folder: peek.read_if_there(folder / "a"),
    "stat": lambda folder: stats.signatures(None, [str(folder / "a")]),
    "real path": lambda folder: stats.real_path(folder / "a"),
    "exact pattern": lambda folder: stats.matching(str(folder / "a")),
    "pattern": lambda folder: stats.matching(f"{folder}/*/../a"),
    "program": lambda folder: host.is_program(folder / "a"),
    "which": lambda folder: host.which("a", str(folder)),
}


@pytest.mark.parametrize("name", LOOKS)
def test_every_door_notes_what_it_is_asked_for(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a")
    write(tmp_path / "sub/b")
    seen = Witness()
    with watching(seen):
        LOOKS[name](tmp_path)
    assert holds(seen.facts)
    assert not seen.doubts
    write(tmp_path / "a", "longer")
    assert not holds(seen.facts)


@pytest.mark.parametrize("name", [name for name in LOOKS if name != "read"])
def test_what_was_looked_for_in_vain_is_noted_too(tmp_path: Path, name: str) -> None:
    write(tmp_path / "sub/b")
    seen = Witness()
    with watching(seen):
        LOOKS[name](tmp_path)
    assert holds(seen.facts)
    write(tmp_path / "a")
    assert not holds(seen.facts)


def test_nothing_is_noted_when_nobody_watches(tmp_path: Path) -> None:
    seen = Witness()
    with watching(seen):
        pass
    files.look(tmp_path)
    assert seen.facts == {}


def test_of_a_folder_only_its_names_count_and_only_when_they_were_read(tmp_path: Path) -> None:
    write(tmp_path / "sub/b")
    looked, listed = Witness(), Witness()
    with watching(looked):
        files.look(tmp_path / "sub")
    with watching(listed):
        files.names(tmp_path / "sub")
    write(tmp_path / "sub/c")
    assert holds(looked.facts)
    assert not holds(listed.facts)


def test_a_link_that_leads_elsewhere_is_noticed_and_its_target_too(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / "two")
    (tmp_path / "link").symlink_to("one")
    seen = Witness()
    with watching(seen):
        stats.real_path(tmp_path / "link")
    assert holds(seen.facts)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert not holds(seen.facts)
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("one")
    with watching(again := Witness()):
        stats.real_path(tmp_path / "link")
    write(tmp_path / "one", "longer")
    assert not holds(again.facts)


def test_a_place_counts_as_it_was_when_it_was_first_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path / "a")
    seen = Witness()
    with watching(seen):
        files.read_file(path)
        write(path, "edited while we work")
        files.read_file(path)
    assert not holds(seen.facts)


def test_what_was_just_changed_is_in_doubt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "GRANULARITY_NS", 2 * 10**9)
    path = write(tmp_path / "a")
    with watching(fresh := Witness()):
        files.look(path)
    assert fresh.doubts == {str(path)}
    later = path.stat().st_ctime_ns + 3 * 10**9
    monkeypatch.setattr(witness, "now_ns", lambda: later)
    with watching(old := Witness()):
        files.look(path)
    assert old.doubts == set()


def test_what_a_script_does_is_in_doubt(tmp_path: Path) -> None:
    with watching(seen := Witness()):
        assert host.is_script(write(tmp_path / "a", "#!/bin/sh\n"))
        assert not host.is_script(write(tmp_path / "b", "\x7fELF"))
        assert not host.is_script(tmp_path / "gone")
    assert seen.doubts == {str(tmp_path / "a")}


def test_files_that_no_git_watches_are_in_doubt(tmp_path: Path) -> None:
    write(tmp_path / "a")
    with watching(seen := Witness()):
        assert list_files(tmp_path).paths == ("a",)
    assert seen.doubts == {str(tmp_path)}


def test_what_is_below_ignored_folders_is_forgotten(tmp_path: Path) -> None:
    write(tmp_path / "own/a")
    write(tmp_path / "owner/a")
    seen = Witness()
    with watching(seen):
        files.look(tmp_path / "own/a")
        witness.doubt(str(tmp_path / "own/b"))
        seen.ignore([tmp_path / "own"])
        files.look(tmp_path / "own/c")
        files.look(tmp_path / "owner/a")
    assert list(seen.facts) == [str(tmp_path / "owner/a")]
    assert seen.doubts == set()


def test_relative_paths_are_noted_from_where_they_were_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    with watching(seen := Witness()):
        files.look(Path("a"))
    monkeypatch.chdir("/")
    assert list(seen.facts) == [os.path.join(tmp_path, "a")]  # noqa: PTH118
    assert holds(seen.facts)


def test_what_was_looked_at_in_a_temporary_folder_is_forgotten_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "GRANULARITY_NS", 10**12)
    seen = Witness()
    with watching(seen):
        with peek.scratch_folder({"a": b"x"}) as folder:
            files.look(folder / "a")
            assert seen.doubts == {str(folder / "a")}
        files.look(tmp_path / "b")
    assert (list(seen.facts), seen.doubts) == ([str(tmp_path / "b")], set())


def test_at_rest_nothing_is_noted_and_afterwards_everything_is_again(tmp_path: Path) -> None:
    seen = witness.Witness()
    with witness.watching(seen):
        with witness.resting():
            witness.saw(tmp_path / "made")
        witness.saw(tmp_path / "read")
    assert set(seen.facts) == {str(tmp_path / "read")}
