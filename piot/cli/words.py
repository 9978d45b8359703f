"""Times, sizes, tables and other people's output as text for a terminal; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

CONTROL = re.compile(
    r"(\x1b\[[0-9;:]*m)"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
"""Escape sequences (ECMA-48) and control characters but tab and newline; group 1 is a colour."""

EMOJI_FOLLOWS = "\ufe0f"
"""Variation selector 16 (Unicode Technical Standard 51): many terminals widen what stands before it."""


def duration(seconds: float) -> str:
    """``3.1s``, ``2m 05s``, ``1h 02m``."""
    if seconds < 59.95:
        return f"{max(seconds, 0.0):.1f}s"
    return _minutes(round(seconds))


def elapsed(seconds: float) -> str:
    """The same for something that goes on: whole seconds, ``3s``."""
    return f"{int(max(seconds, 0))}s" if seconds < 60 else _minutes(int(seconds))


def _minutes(seconds: int) -> str:
    if seconds < 3600:
        return f"{seconds // 60}m {seconds % 60:02}s"
    return f"{seconds // 3600}h {seconds % 3600 // 60:02}m"


def counted(number: int, noun: str) -> str:
    """``1 action``, ``2 actions``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def cells(text: str) -> int:
    """How many columns a terminal needs for a line of text without control characters, or a few more.

    East Asian wide characters take two (Unicode Standard Annex 11), combining and format characters none.
    Emoji that are joined or made wide by what follows count for all of their parts.
    """
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    import unicodedata

    if character != EMOJI_FOLLOWS and unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int, end: str = "…") -> str:
    """At most ``width`` columns of a terminal; what is longer ends in ``end``."""
    if cells(text) <= width:
        return text
    end = end[: max(width, 0)]
    room, kept = width - cells(end), 0
    while kept < len(text) and (room := room - _cells_of(text[kept])) >= 0:
        kept += 1
    return text[:kept] + end


def clean(text: str, *, color: bool) -> str:
    """Somebody's output made safe to show.

    What a carriage return wrote over is gone, cursor movements and other control sequences too;
    colours stay when asked for, and do not run on behind the text.
    """
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    kept = CONTROL.sub(r"\1" if color else "", "\n".join(lines))
    return f"{kept}\x1b[0m" if "\x1b[" in kept and not kept.endswith("\x1b[0m") else kept


def shown(text: str) -> str:
    """Safe for a terminal: names of files may hold anything but a zero byte."""
    return clean(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), color=False)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Left-aligned columns two spaces apart under a header; the empty text when there are no rows.

    A cell with several lines goes on in its own column.
    """
    lines = [line for row in rows for line in _cell_lines(row)]
    if not lines:
        return ""
    grid = [list(header), *lines]
    widths = [max(cells(row[column]) for row in grid) for column in range(len(header))]
    return "".join(_aligned(row, widths) for row in grid)


def _cell_lines(row: Sequence[str]) -> list[list[str]]:
    cells = [cell.split("\n") for cell in row]
    height = max(len(cell) for cell in cells)
    return [[cell[line] if line < len(cell) else "" for cell in cells] for line in range(height)]


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=True))
    return "  ".join(padded).rstrip() + "\n"
