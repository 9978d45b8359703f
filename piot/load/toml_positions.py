"""Where each key and value of a TOML document stands: tomli gives values fast, but no positions.

Only documents that tomli accepted are read here, so the scanner checks nothing; it runs only when there
is a problem to show.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

Where: TypeAlias = tuple[str | int, ...]
"""A place in a document: keys, and indexes into arrays and arrays of tables."""

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)+")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_KEY_PART = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")


@dataclass(slots=True)
class Positions:
    """Offsets of the keys and values of one document."""

    text: str
    keys: dict[Where, int] = field(default_factory=dict[Where, int])
    values: dict[Where, int] = field(default_factory=dict[Where, int])

    @classmethod
    def of(cls, text: str) -> Positions:
        """The positions in ``text``, which must be valid TOML."""
        found = cls(text)
        with suppress(RecursionError):  # nested deeper than Python calls: what stands before it is known
            _Scanner(found).document()
        return found

    def key(self, where: Where) -> tuple[int, int]:
        """Line and column, from 1, of a key (a table: its header), or of the nearest thing around it."""
        return self._position(self.keys, where)

    def value(self, where: Where) -> tuple[int, int]:
        """Line and column, from 1, of a value (a table: its header), or of the nearest thing around it."""
        return self._position(self.values, where)

    def _position(self, offsets: dict[Where, int], where: Where) -> tuple[int, int]:
        while where and where not in offsets:
            where = where[:-1]
        return line_and_column(self.text, offsets[where]) if where else (1, 1)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1; columns count characters."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def array_table_lines(text: str, name: str, count: int) -> tuple[int, ...]:
    """The lines of the ``count`` elements of the top-level array ``name``; cheap when all are ``[[name]]``.

    A header cannot be told from text in a multi-line string without scanning, so such documents, and
    arrays written in another way, are scanned.
    """
    headers = [m.start(1) for m in re.finditer(rf"^[ \t]*(\[\[[ \t]*{name}[ \t]*\]\])", text, re.MULTILINE)]
    if len(headers) != count or '"""' in text or "'''" in text:
        positions = Positions.of(text)
        return tuple(positions.value((name, index))[0] for index in range(count))
    breaks = [m.start() for m in re.finditer("\n", text)]
    return tuple(bisect_right(breaks, offset) + 1 for offset in headers)


class _Scanner:
    """Walks a document once, writing down where things begin."""

    def __init__(self, found: Positions) -> None:
        self._found = found
        self._text = found.text
        self._at = 0
        self._lengths: dict[Where, int] = {}

    def document(self) -> None:
        table: Where = ()
        while self._skip_blank():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _skip_blank(self) -> bool:
        if match := _BLANK.match(self._text, self._at):
            self._at = match.end()
        return self._at < len(self._text)

    def _header(self) -> Where:
        start = self._at
        array = self._text.startswith("[[", start)
        self._at += 2 if array else 1
        names = self._key()
        self._at = self._text.index("]", self._at) + (2 if array else 1)
        where = self._resolve(names[:-1]) + names[-1:]
        for length in range(1, len(where) + array):
            self._note(where[:length], start, start)
        if array:
            index = self._lengths.get(where, 0)
            self._lengths[where] = index + 1
            where = (*where, index)
        self._found.keys[where] = self._found.values[where] = start
        return where

    def _resolve(self, names: tuple[str, ...]) -> Where:
        """Names as a place: those of arrays of tables mean their last element so far."""
        where: Where = ()
        for name in names:
            where = (*where, name)
            if where in self._lengths:
                where = (*where, self._lengths[where] - 1)
        return where

    def _key(self) -> tuple[str, ...]:
        names: list[str] = []
        while match := _KEY_PART.match(self._text, self._at):
            self._at = match.end()
            names.append(_plain(match[1]))
            if not match[2]:
                break
        return tuple(names)

    def _pair(self, table: Where) -> None:
        start = self._at
        names = self._key()
        self._at = self._text.index("=", self._at) + 1
        self._skip_blank()
        for length in range(1, len(names)):
            self._note(table + names[:length], start, start)
        where = table + names
        self._note(where, start, self._at)
        self._value(where)

    def _note(self, where: Where, key: int, value: int) -> None:
        self._found.keys.setdefault(where, key)
        self._found.values.setdefault(where, value)

    def _value(self, where: Where) -> None:
        if self._text[self._at] == "[":
            self._array(where)
        elif self._text[self._at] == "{":
            self._inline_table(where)
        else:
            match = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            self._at = match.end() if match else len(self._text)

    def _array(self, where: Where) -> None:
        self._at += 1
        index = 0
        while self._skip_blank() and self._text[self._at] != "]":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._note((*where, index), self._at, self._at)
            self._value((*where, index))
            index += 1
        self._at += 1

    def _inline_table(self, where: Where) -> None:
        self._at += 1
        while self._skip_blank() and self._text[self._at] != "}":
            if self._text[self._at] == ",":
                self._at += 1
                continue
            self._pair(where)
        self._at += 1


def _plain(part: str) -> str:
    """A key as written to the key it means."""
    if part[0] == '"' and "\\" in part:
        import tomli

        return str(tomli.loads(f"key = {part}")["key"])
    return part[1:-1] if part[0] in "\"'" else part
