"""Looks at files that may not be there."""

from __future__ import annotations

from pathlib import Path

from piot.effects.peek import files_like, read_if_there, scratch_folder


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    assert read_if_there(tmp_path / "a") == b"x"
    assert read_if_there(tmp_path / "b") is None
    assert read_if_there(tmp_path / "a" / "b") is None
    assert read_if_there(tmp_path) is None


def test_files_are_listed_sorted_and_folders_left_out(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"")
    assert files_like(tmp_path, "*/x") == (tmp_path / "a" / "x", tmp_path / "b" / "x")
    assert files_like(tmp_path, "*") == ()
    assert files_like(tmp_path / "gone", "*") == ()


def test_a_scratch_folder_goes_away_with_its_content() -> None:
    with scratch_folder({"a": b"x"}) as folder:
        assert (folder / "a").read_bytes() == b"x"
        (folder / "b").mkdir()
    assert not folder.exists()
