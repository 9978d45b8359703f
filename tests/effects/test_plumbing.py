"""Starting git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from piot.effects import plumbing


@pytest.fixture
def root(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "it")], check=True)
    return tmp_path / "it"


def test_commands_run_at_the_same_time_and_answer_in_order(root: Path) -> None:
    (root / "x").write_bytes(b"y" * 300_000)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    commands = (("cat-file", "blob", ":x"), ("no-such-command",), ("ls-files",))
    assert plumbing.outputs(root, commands, os.environ) == (b"y" * 300_000, None, b"x\n")
    assert plumbing.output(root, ("ls-files",), os.environ) == b"x\n"


def test_where_posix_spawn_is_missing_it_is_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_spawn")
    (root / "x").touch()
    commands = (("ls-files", "--others"), ("no-such-command",))
    assert plumbing.outputs(root, commands, os.environ) == (b"x\n", None)


def test_without_git_there_are_no_answers(root: Path, tmp_path: Path) -> None:
    assert plumbing.program({"PATH": str(tmp_path)}) is None
    assert plumbing.outputs(root, (("ls-files",), ("status",)), {"PATH": str(tmp_path)}) == (None, None)


def test_the_repository_around_a_folder(root: Path, tmp_path: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    assert plumbing.repository(root / "a" / "b") == root / ".git"
    assert plumbing.repository(tmp_path) is None
