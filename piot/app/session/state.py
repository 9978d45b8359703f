"""What piot keeps in ``.piot`` of a checkout between runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from piot.effects import files
from piot.run.index import save_rows


def folder(root: Path) -> Path:
    """``.piot`` of the checkout at ``root``, with a ``.gitignore`` of its own."""
    state = root / ".piot"
    ignore = state / ".gitignore"
    if files.look(ignore) is None:
        files.write_atomic(ignore, b"*\n")
    return state


def keep(root: Path, name: str, rows: Mapping[str, object]) -> None:
    """Keeps plain values (numbers, texts, tuples); raises MachineError."""
    save_rows(folder(root) / name, dict(rows))
