"""A disk that is nearly full is said to be, for the tools that meet it often do not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from piot.effects.trouble import LITTLE, crowded


def free(number: int) -> Callable[[Path], SimpleNamespace]:
    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=number)

    return usage


def test_little_room_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", free(300 * 1024))
    assert crowded(tmp_path) == (
        f"only 0.3 MB are free on the disk of {tmp_path}: "
        "free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk"
    )


def test_room_enough_and_a_disk_that_does_not_tell_are_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", free(LITTLE))
    assert crowded(tmp_path) is None
    monkeypatch.undo()
    assert crowded(tmp_path / "absent") is None
