"""Slots are what they are in GNU make: bytes in a fifo, as many as there are processors."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from piot.run.jobserver import Jobserver


def taken(server: Jobserver) -> int:
    """How many slots can be taken; they are given back."""
    count = 0
    while server.take():
        count += 1
    for _ in range(count):
        server.give()
    return count


fifos = pytest.mark.skipif(sys.platform == "win32", reason="there are no fifos")


@fifos
def test_there_are_as_many_slots_as_were_asked_for(tmp_path: Path) -> None:
    with Jobserver(tmp_path / "new" / "fifo", 3) as server:
        assert taken(server) == 3
        assert server.take()
        assert taken(server) == 2


@fifos
def test_a_child_takes_slots_from_the_same_fifo(tmp_path: Path) -> None:
    with Jobserver(tmp_path / "fifo", 2) as server:
        assert server.fifo == tmp_path / "fifo"
        assert stat.S_IMODE((tmp_path / "fifo").stat().st_mode) == 0o600
        subprocess.run(["sh", "-c", 'dd bs=1 count=1 < "$0" 2>/dev/null', str(server.fifo)], check=True)
        assert taken(server) == 1
        subprocess.run(["sh", "-c", 'printf x > "$0"', str(server.fifo)], check=True)
        assert taken(server) == 2


@fifos
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_what_a_killed_child_had_taken_is_there_again_after_a_refill(tmp_path: Path, lost: int) -> None:
    with Jobserver(tmp_path / "fifo", 2) as server:
        for _ in range(lost):
            server.take()
        server.refill()
        assert taken(server) == 2


@fifos
def test_the_fifo_is_gone_afterwards_and_no_file_stays_open(tmp_path: Path) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    with Jobserver(tmp_path / "fifo", 2):
        pass
    assert not (tmp_path / "fifo").exists()
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_where_there_are_no_fifos_slots_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with Jobserver(tmp_path / "fifo", 2) as server:
        assert server.fifo is None
        assert [server.take(), server.take(), server.take()] == [True, True, False]
        server.give()
        assert [server.take(), server.take()] == [True, False]
        server.refill()
        assert taken(server) == 2
