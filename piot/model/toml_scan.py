"""Where each key and value of a TOML document stands: tomli gives values fast, but no positions.

Only documents that tomli accepted are read here, so the scanner checks nothing; it runs only when
there is a problem to show or a value to replace.
"""

from __future__ import annotations

import re
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
_SCALAR = re.compile(r"[^,\]}#\r\n]*[^,\]}#\s]")
_KEY_PART = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")


@dataclass(slots=True)
class Positions:
    """Offsets in one document: where keys and values begin, and where values end.

    A table is where its header is; one that has a header, or exists only by a dotted key, has no span.
    """

    text: str
    keys: dict[Where, int] = field(default_factory=dict[Where, int])
    values: dict[Where, int] = field(default_factory=dict[Where, int])
    spans: dict[Where, tuple[int, int]] = field(default_factory=dict[Where, "tuple[int, int]"])

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


class _Scanner:
    """Walks a document once, writing down where things begin and end."""

    def __init__(self, found: Positions) -> None:
        self._found = found
        self._text = found.text
        self._at = 0
        self._lengths: dict[Where, int] = {}

    def document(self) -> None:
        table: Where = ()
        while self._more():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _more(self) -> bool:
        """Goes to what comes next, past blanks and comments; whether there is something."""
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
        self._more()
        for length in range(1, len(names)):
            self._note(table + names[:length], start, start)
        self._value(table + names, start)

    def _note(self, where: Where, key: int, value: int) -> None:
        self._found.keys.setdefault(where, key)
        self._found.values.setdefault(where, value)

    def _value(self, where: Where, key: int) -> None:
        start = self._at
        self._note(where, key, start)
        if self._text[start] == "[":
            self._items(where, "]")
        elif self._text[start] == "{":
            self._items(where, "}")
        else:
            match = _STRING.match(self._text, start) or _SCALAR.match(self._text, start)
            self._at = match.end() if match else len(self._text)
        self._found.spans[where] = (start, self._at)

    def _items(self, where: Where, closing: str) -> None:
        self._at += 1
        index = 0
        while self._more() and self._text[self._at] != closing:
            if self._text[self._at] == ",":
                self._at += 1
            elif closing == "]":
                self._value((*where, index), self._at)
                index += 1
            else:
                self._pair(where)
        self._at += 1


def _plain(part: str) -> str:
    """A key as written to the key it means."""
    if part[0] == '"' and "\\" in part:
        import tomli

        return str(tomli.loads(f"key = {part}")["key"])
    return part[1:-1] if part[0] in "\"'" else part
