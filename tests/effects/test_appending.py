"""Files that grow."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from piot.effects.appending import LineFile, append
from piot.errors import MachineError


def test_a_line_is_there_as_soon_as_it_is_written_and_what_stood_there_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("before\n")
    file = LineFile(path)
    assert path.read_text() == ""
    file.write("é")
    assert path.read_text(encoding="utf-8") == "é\n"
    file.write("b")
    file.close()
    file.close()
    assert path.read_text(encoding="utf-8") == "é\nb\n"


def test_a_long_line_goes_through_a_pipe_whole(tmp_path: Path) -> None:
    import os

    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(path.read_text()))
    reader.start()
    file = LineFile(path)
    file.write("x" * 1_000_000)
    file.close()
    reader.join()
    assert got == ["x" * 1_000_000 + "\n"]


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as raised:
        LineFile(tmp_path / "none" / "lines")
    assert raised.value.message == f"cannot write {tmp_path}/none/lines: No such file or directory"


def test_append_adds_to_what_is_there(tmp_path: Path) -> None:
    append(tmp_path / "a", "1\n")
    append(tmp_path / "a", "2\n")
    assert (tmp_path / "a").read_text() == "1\n2\n"
