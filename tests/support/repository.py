"""Repositories of git for a test, with the real git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SETTINGS = ("-c", "user.name=a", "-c", "user.email=a@example.invalid", "-c", "protocol.file.allow=always")
DATE = "2026-01-01T00:00:00Z"
"""Of all commits: where the same is done twice they have the same ids, which git writes into conflicts."""
ENVIRON = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": DATE,
    "GIT_COMMITTER_DATE": DATE,
}
"""Nothing that this machine's user has set, and nothing of the clock."""


def do(folder: Path, *words: str, check: bool = True) -> str:
    """What a git command prints; with ``check`` it must succeed."""
    done = subprocess.run(
        ["git", *SETTINGS, *words], cwd=folder, env=ENVIRON, check=check, capture_output=True, text=True
    )
    return done.stdout


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
