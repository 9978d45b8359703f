"""Which files of a checkout count as its sources."""

from __future__ import annotations

from pathlib import Path

from piot.effects import git


def list_sources(root: Path) -> tuple[str, ...]:
    """Tracked and untracked-not-ignored files, and settings of cargo and rustup though git ignores them.

    Relative to ``root`` and sorted.
    """
    return git.list_files(root)
