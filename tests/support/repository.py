"""Repositories of git for a test, with the real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

SETTINGS = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "protocol.file.allow=always")


def do(folder: Path, *words: str, check: bool = True) -> None:
    """A git command; with ``check`` it must succeed."""
    subprocess.run(["git", *SETTINGS, *words], cwd=folder, check=check, capture_output=True)


def write(root: Path, *names: str) -> None:
    """Files that hold their own names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def init(folder: Path) -> Path:
    """An empty repository in a new folder."""
    folder.mkdir(parents=True)
    do(folder, "init", "--quiet")
    return folder
