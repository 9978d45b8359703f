"""What an output stream can show, and writing to it without a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TextIO, TypeAlias

from piot.cli.words import cut
from piot.errors import MachineError

Kind: TypeAlias = Literal["good", "bad", "warn", "dim", "bold"]

SGR = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "bold": "1"}
"""ECMA-48 "select graphic rendition" numbers: the eight basic colours, which every theme defines."""

DEFAULT_SIZE = (80, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How words look on one stream: with colours or not, with ✓ and ✗ or in ASCII."""

    color: bool = False
    unicode: bool = True

    def paint(self, text: str, kind: Kind) -> str:
        """The text in a colour, or as it is."""
        return f"\x1b[{SGR[kind]}m{text}\x1b[0m" if self.color and text else text

    def fit(self, text: str, width: int) -> str:
        """At most ``width`` columns of the text, in ASCII where the stream may not take all of Unicode."""
        if self.unicode:
            return cut(text, width)
        return cut(text.encode("ascii", "backslashreplace").decode(), width, "...")

    @property
    def tick(self) -> str:
        """Before what is done."""
        return self.paint("✓" if self.unicode else "+", "good")

    @property
    def cross(self) -> str:
        """Before what failed."""
        return self.paint("✗" if self.unicode else "x", "bad")

    @property
    def dot(self) -> str:
        """Before what goes on."""
        return self.paint("•" if self.unicode else "*", "dim")

    @property
    def dash(self) -> str:
        """Before what was skipped."""
        return self.paint("-", "warn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A stream and what it can do; ``live`` means that lines already shown can be drawn again.

    ``github`` means that GitHub Actions reads it, and takes lines that begin with ``::`` for commands.
    ``most`` are the columns and lines that ``COLUMNS`` and ``LINES`` allow; 0 for as many as there are.
    """

    stream: TextIO
    style: Style
    live: bool
    github: bool = False
    most: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str], color: str = "auto") -> Terminal:
        """Decides once for a stream; ``color`` is ``--color``: auto, always or never.

        Colour and live display need a terminal and neither ``CI``, ``NO_COLOR`` (no-color.org: set and
        not empty) nor ``TERM=dumb``; ``--color always`` asks for colour in spite of all of these. A
        Windows console gets neither by itself: it reads escape sequences only when told to.
        """
        able = _is_terminal(stream) and sys.platform != "win32" and not _unwanted(environ)
        colored = color == "always" or (color == "auto" and able)
        return cls(
            stream=stream,
            style=Style(color=colored, unicode=_takes(stream, "✓✗•…")),
            live=able,
            github=environ.get("GITHUB_ACTIONS") == "true",
            most=(_number(environ.get("COLUMNS")), _number(environ.get("LINES"))),
        )

    def size(self) -> tuple[int, int]:
        """Columns and lines now; 80 by 24 where neither the stream nor the environment says.

        ``COLUMNS`` and ``LINES`` (POSIX.1-2024, chapter 8.3) make it smaller, never larger: a row that
        wraps could not be erased.
        """
        try:
            real = os.get_terminal_size(self.stream.fileno())
        except (OSError, ValueError):
            real = os.terminal_size((0, 0))
        columns, lines = (
            min(filter(None, pair), default=usual)
            for usual, *pair in zip(DEFAULT_SIZE, real, self.most, strict=True)
        )
        return columns, lines

    def write(self, text: str) -> None:
        """Diagnostics: what cannot be written is lost, for there is nowhere to say so."""
        try:
            _put(self.stream, text)
        except (OSError, ValueError):
            _silence(self.stream)


def open_streams() -> None:
    """Gives a run that was started with closed streams (``>&-``) ones that lead nowhere.

    Else the next files that are opened would be taken for them, by us and by our children.
    """
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    number = 0
    while number <= 2:
        number = os.open(os.devnull, os.O_RDWR)
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def write_data(stream: TextIO, text: str) -> None:
    """Data for stdout, complete or with an error.

    A reader that went away (``| head``) has what it wanted: no error. Raises MachineError when it cannot
    be written for another reason (a full disk).
    """
    try:
        _put(stream, text)
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        raise MachineError(
            f"cannot write to stdout: {error.strerror or error}",
            hint="the output so far is not complete; make room, or send it elsewhere",
        ) from error


def _put(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    if not _takes(stream, text):
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    stream.write(text)
    stream.flush()


def _takes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _silence(stream: TextIO) -> None:
    """Lets what is still buffered go nowhere, or Python complains about it once more at its end."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _number(text: str | None) -> int:
    """0 for what is no number; shells that do not know write that, too."""
    return int(text) if text and text.isascii() and text.isdecimal() else 0


def _unwanted(environ: Mapping[str, str]) -> bool:
    in_ci = environ.get("CI", "").lower() not in ("", "0", "false")
    return in_ci or bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb"
