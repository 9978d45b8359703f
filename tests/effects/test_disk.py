"""Room on the disk, and folders that can be written or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.effects.disk import free_bytes, unwritable


def test_a_folder_that_is_not_there_yet_has_the_room_of_the_one_above(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not/there") > 0


def test_a_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    assert unwritable(tmp_path / "new") is None
    assert list((tmp_path / "new").iterdir()) == []


def test_why_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = unwritable(tmp_path / "file/below")
    assert said is not None and str(tmp_path / "file") in said


def test_the_trial_does_not_stay_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", _refuse)
    said = unwritable(tmp_path)
    assert said is not None and said.startswith("cannot write ")
    assert list(tmp_path.iterdir()) == []


def _refuse(_: Path, target: Path) -> Path:
    raise PermissionError(13, "Permission denied", str(target))
