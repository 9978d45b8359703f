"""Folders are removed in the background, and all are gone in the end."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from piot.effects import files
from piot.errors import MachineError
from piot.run.sweeper import BEHIND, Sweeper


def folder(root: Path, name: str) -> Path:
    made = root / name
    (made / "below").mkdir(parents=True)
    (made / "below/file").write_text("")
    return made


def test_everything_is_gone_when_it_is_closed_and_it_can_be_used_again(tmp_path: Path) -> None:
    sweeper = Sweeper()
    for _ in range(2):
        for number in range(3 * BEHIND):
            sweeper.remove(folder(tmp_path, str(number)))
        sweeper.close()
        assert list(tmp_path.iterdir()) == []
    sweeper.close()


def test_whoever_hands_a_folder_over_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    remove = files.remove_tree

    def slow(path: Path) -> None:
        go_on.wait()
        remove(path)

    monkeypatch.setattr(files, "remove_tree", slow)
    sweeper, made = Sweeper(), folder(tmp_path, "a")
    sweeper.remove(made)
    assert made.exists()
    go_on.set()
    sweeper.close()
    assert not made.exists()


def test_the_first_trouble_is_told_in_the_end_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(path: Path) -> None:
        raise MachineError(f"cannot remove {path.name}")

    monkeypatch.setattr(files, "remove_tree", remove)
    sweeper = Sweeper()
    for name in ("a", "b"):
        sweeper.remove(tmp_path / name)
    with pytest.raises(MachineError, match=r"^cannot remove a"):
        sweeper.close()
    sweeper.close()
