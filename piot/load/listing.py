"""Which files of a checkout count as its sources."""

from __future__ import annotations

from pathlib import Path

from piot.effects import git

ALSO = ("Cargo.lock", "rust-toolchain.toml", "rust-toolchain", "config.toml")
"""Names that count although git may ignore them: cargo and rustup read them all the same."""


def list_sources(root: Path) -> tuple[str, ...]:
    """Tracked and untracked-not-ignored files, relative to ``root`` and sorted."""
    return git.list_files(root, also=ALSO)
