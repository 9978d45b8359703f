"""What is seen on the disk: every kind of entry, sorted, and no link followed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from piot.effects import files


def test_scanning_sees_every_kind_sorted_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "run").write_bytes(b"")
    (tmp_path / "b" / "run").chmod(0o755)
    (tmp_path / "a").write_bytes(b"xy")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "pipe")
    found = [(e.path, e.kind, e.size, e.executable, e.target) for e in files.scan(tmp_path)]
    assert found == [
        ("a", "file", 2, False, ""),
        ("b", "directory", 0, False, ""),
        ("loop", "symlink", 0, False, "."),
        ("pipe", "special", 0, False, ""),
        ("b/run", "file", 0, True, ""),
    ]


def test_a_socket_is_special(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        entry = files.look(Path("s"))
    assert entry and entry.kind == "special"
