"""A pseudo-terminal for tests, and what a terminal would show of what was written to it."""

from __future__ import annotations

import os
import re
import struct
import sys
import threading
import unicodedata
from collections.abc import Callable
from typing import TextIO

import pytest

_TOKEN = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|[\s\S]")


class Screen:
    """A terminal with the functions that the display uses: CUU, ED 0, SGR, CR and LF, and wrapping (DECAWM).

    ``rows`` are all that were ever shown, as text; the last ``lines`` of them are on the screen. ``wraps``
    counts how often a row was too long. XTWINOPS 8 (``CSI 8 ; lines ; columns t``) makes it another size, as
    xterm does: what is behind the edge is gone.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.wraps = 0
        self._rows: list[list[str]] = [[]]
        self._row = self._column = 0

    @property
    def rows(self) -> list[str]:
        """Without the empty one that the cursor is left on."""
        return ["".join(row).rstrip() for row in self._rows[: -1 if self._rows[-1] == [] else None]]

    def write(self, text: str) -> Screen:
        for token in _TOKEN.finditer(text):
            if token[2] is not None:
                self._control(token[2], [int(number or 0) for number in token[1].split(";")])
            elif token[0] == "\n":
                self._down()
            elif token[0] == "\r":
                self._column = 0
            else:
                self._put(token[0])
        return self

    def _control(self, name: str, numbers: list[int]) -> None:
        match name, numbers:
            case "A", [count]:
                self._row = max(self._row - count, len(self._rows) - self.lines, 0)
            case "J", [0]:
                self._rows = [*self._rows[: self._row], self._rows[self._row][: self._column]]
            case "t", [8, lines, columns]:
                self.lines, self.columns = lines, columns
                self._rows = [row[:columns] for row in self._rows]
            case "m", _:
                pass
            case _:
                raise AssertionError(f"the display uses CSI {numbers} {name}")

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._rows):
            self._rows.append([])

    def _put(self, character: str) -> None:
        assert unicodedata.category(character)[0] != "C", f"{character!r} moves the cursor, or may"
        row, width = self._rows[self._row], 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if unicodedata.combining(character):
            row[self._column - 1] += character
            return
        if self._column + width > self.columns:
            self.wraps, self._column = self.wraps + 1, 0
            self._down()
            row = self._rows[self._row]
        row += [" "] * (self._column - len(row))
        row[self._column : self._column + width] = [character, *[""] * (width - 1)]
        self._column += width


def open_pty(columns: int, lines: int) -> tuple[int, int]:
    """Our side and the program's side of a pseudo-terminal of that size."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are POSIX's")
    import pty

    ours, its = pty.openpty()
    resize(its, columns, lines)
    return ours, its


def resize(terminal: int, columns: int, lines: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def read_all(ours: int) -> str:
    """All that is written until the other side is closed; closes ours."""
    pieces: list[bytes] = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # Linux says EIO when the other side is closed, macOS an empty read
        pass
    os.close(ours)
    return b"".join(pieces).decode()


def on_pty(use: Callable[[TextIO], None], *, columns: int = 80, lines: int = 24) -> str:
    """All that ``use`` writes to a pseudo-terminal of that size, with CR LF, as a terminal gets it."""
    ours, its = open_pty(columns, lines)
    got: list[str] = []
    reading = threading.Thread(target=lambda: got.append(read_all(ours)))
    reading.start()
    try:
        with open(its, "w", encoding="utf-8") as stream:
            use(stream)
    finally:
        reading.join()
    return got[0]
