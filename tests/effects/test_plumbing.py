"""Starting git."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from piot.effects import plumbing
from tests.support.repository import do, init


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return init(tmp_path / "it")


def test_commands_run_while_others_are_waited_for(root: Path) -> None:
    (root / "x").write_bytes(b"y" * 300_000)
    do(root, "add", ".")
    commands = (("cat-file", "blob", ":x"), ("no-such-command",), ("ls-files",))
    started = [plumbing.started(root, words, os.environ) for words in commands]
    assert [finish() for finish in reversed(started)] == [b"x\n", None, b"y" * 300_000]
    assert plumbing.output(root, ("ls-files",), os.environ) == b"x\n"


@pytest.mark.parametrize("size", [0, 3, 5000])
def test_commands_read_what_they_are_told(root: Path, size: int) -> None:
    words = ("hash-object", "--stdin", "-w")
    found = plumbing.output(root, words, os.environ, b"x" * size) or b""
    assert plumbing.output(root, ("cat-file", "blob", found.decode().strip()), os.environ) == b"x" * size


def test_meanwhile_something_is_done_until_the_command_answers(root: Path) -> None:
    done: list[int] = []
    slow = ("-c", "alias.slow=!cat > /dev/null; sleep 0.2; echo x", "slow")
    steps = [lambda: done.append(1), lambda: time.sleep(1), lambda: done.append(2)]
    assert plumbing.started(root, slow, os.environ, steps)() == b"x\n"
    assert done == [1]


def test_where_posix_spawn_is_missing_it_is_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "posix_spawn")
    (root / "x").touch()
    assert plumbing.output(root, ("ls-files", "--others"), os.environ) == b"x\n"
    assert plumbing.output(root, ("no-such-command",), os.environ) is None


def test_without_git_there_are_no_answers(root: Path, tmp_path: Path) -> None:
    assert plumbing.program({"PATH": str(tmp_path)}) is None
    assert plumbing.output(root, ("ls-files",), {"PATH": str(tmp_path)}) is None


def test_the_repository_around_a_folder(root: Path, tmp_path: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    assert plumbing.repository(root / "a" / "b") == root / ".git"
    assert plumbing.repository(tmp_path) is None
