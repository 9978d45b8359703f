"""TOML read, edited in place and written: an edit replaces the bytes of values and nothing else.

No TOML library is needed for edits, so comments, quotes, spaces and line ends stay because they are
never touched, and the text that goes into keys does not depend on a library's taste.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

import tomli

from piot.errors import Problem, Problems
from piot.model.tables import Table, is_array, is_table, table_at
from piot.model.toml_scan import Positions
from piot.model.toml_scan import Where as Where


def read_toml(text: str, path: str) -> Table:
    """The document as plain values; raises Problems with line and column when it is not TOML.

    The line itself is not shown: a user's own configuration may hold a password there.
    """
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
    spans = Positions.of(text).spans
    for (start, end), literal in sorted(((spans[where], new) for where, new in values.items()), reverse=True):
        text = text[:start] + literal + text[end:]
    return text


def with_strings(text: str, strings: Mapping[Where, str]) -> str:
    """``text`` with other strings at some places, each in the quotes that stood there.

    The new strings must need no escapes (versions and requirements do not).
    """
    spans = Positions.of(text).spans
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
