"""TOML read, edited in place and written: an edit replaces the bytes of values and nothing else.

No TOML library is needed for edits, so comments, quotes, spaces and line ends stay because they are
never touched, and the text that goes into keys does not depend on a library's taste.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeGuard

import tomli

from piot.errors import Problem, Problems

Table: TypeAlias = Mapping[str, object]
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


def is_table(value: object) -> TypeGuard[Table]:
    """Whether a TOML value is a table."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a TOML value is an array."""
    return isinstance(value, list | tuple)


def table_at(value: Table, *keys: str) -> Table:
    """The table below ``keys``; an empty one when there is none."""
    for key in keys:
        inner = value.get(key)
        if not is_table(inner):
            return {}
        value = inner
    return value


def texts(value: object) -> tuple[str, ...]:
    """The strings of an array; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if is_array(value) else ()


def read_toml(text: str, path: str) -> Table:
    """The document as plain values; raises Problems with line and column when it is not TOML."""
    try:
        document: Table = tomli.loads(text)
    except tomli.TOMLDecodeError as wrong:
        raise Problems([_invalid(path, wrong.msg, wrong.lineno, wrong.colno)]) from wrong
    except RecursionError as deep:
        raise Problems([_invalid(path, "nested too deeply", 0, 0)]) from deep
    return document


def _invalid(path: str, message: str, line: int, column: int) -> Problem:
    hint = "look at this place and right before it" if line else "write it flatter"
    text = f"invalid TOML: {message}"
    return Problem(path=path, line=line, column=column, code="PIOT_TOML", message=text, hint=hint)


def with_values(text: str, values: Mapping[Where, str]) -> str:
    """``text`` with the values at some places replaced by TOML literals; KeyError for no such place."""
    spans = _Scanner(text).spans()
    for (start, end), literal in sorted(((spans[where], new) for where, new in values.items()), reverse=True):
        text = text[:start] + literal + text[end:]
    return text


def with_strings(text: str, strings: Mapping[Where, str]) -> str:
    """``text`` with other strings at some places, each in the quotes that stood there.

    The new strings must need no escapes (versions and requirements do not).
    """
    spans = _Scanner(text).spans()
    literals: dict[Where, str] = {}
    for where, new in strings.items():
        quote = text[spans[where][0]]
        literals[where] = f"{quote}{new}{quote}"
    return with_values(text, literals)


def dump_toml(document: Table) -> str:
    """Canonical TOML of plain values: sorted keys, one line a value, tables of the top level with headers."""
    plain = sorted(key for key, value in document.items() if not is_table(value))
    tables = sorted(key for key, value in document.items() if is_table(value))
    blocks = ["".join(_pair(key, document[key]) for key in plain)] if plain else []
    for key in tables:
        inner = table_at(document, key)
        blocks.append(f"[{_key(key)}]\n" + "".join(_pair(name, inner[name]) for name in sorted(inner)))
    return "\n".join(blocks)


def _pair(key: str, value: object) -> str:
    return f"{_key(key)} = {inline(value)}\n"


def inline(value: object) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if is_table(value):
        inner = ", ".join(f"{_key(key)} = {inline(value[key])}" for key in sorted(value))
        return f"{{ {inner} }}" if inner else "{}"
    if is_array(value):
        return array(value)
    return str(value)


def array(values: Iterable[object]) -> str:
    """An array on one line."""
    return f"[{', '.join(inline(value) for value in values)}]"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else inline(key)


class _Scanner:
    """Walks a document that tomli accepted, noting from where to where each value goes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lengths: dict[Where, int] = {}
        self._spans: dict[Where, tuple[int, int]] = {}

    def spans(self) -> dict[Where, tuple[int, int]]:
        table: Where = ()
        while self._more():
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._spans

    def _more(self) -> bool:
        if match := _BLANK.match(self._text, self._at):
            self._at = match.end()
        return self._at < len(self._text)

    def _header(self) -> Where:
        is_list = self._text.startswith("[[", self._at)
        self._at += 2 if is_list else 1
        where = self._resolve(self._key())
        self._at = self._text.index("]", self._at) + (2 if is_list else 1)
        if is_list:
            where = where[:-1] if isinstance(where[-1], int) else where
            self._lengths[where] = self._lengths.get(where, 0) + 1
            where = (*where, self._lengths[where] - 1)
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
        names = self._key()
        self._at = self._text.index("=", self._at) + 1
        self._value((*table, *names))

    def _value(self, where: Where) -> None:
        self._more()
        start = self._at
        if self._text[start] == "[":
            self._items(where, "]")
        elif self._text[start] == "{":
            self._items(where, "}")
        else:
            match = _STRING.match(self._text, start) or _SCALAR.match(self._text, start)
            self._at = match.end() if match else len(self._text)
        self._spans[where] = (start, self._at)

    def _items(self, where: Where, closing: str) -> None:
        self._at += 1
        index = 0
        while self._more() and self._text[self._at] != closing:
            if self._text[self._at] == ",":
                self._at += 1
            elif closing == "]":
                self._value((*where, index))
                index += 1
            else:
                self._pair(where)
        self._at += 1


def _plain(part: str) -> str:
    """A key as written to the key it means."""
    if part[0] == '"' and "\\" in part:
        return str(tomli.loads(f"key = {part}")["key"])
    return part[1:-1] if part[0] in "\"'" else part
