"""JSON files of npm with other texts in some places, every other byte as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import cast

from piot.errors import InputError
from piot.model.toml_scan import line_and_column

Where = tuple[str, ...]
"""Keys of nested objects, the outermost first."""

_SPACE = re.compile(r"[ \t\r\n]*")


def with_package_version(text: str, path: str, version: str) -> str:
    """A ``package.json`` with another top-level version, all else as it is; raises InputError without one."""
    if "version" not in _object(text, path):
        raise InputError(f"{path}: there is no version to replace", hint='add "version": "0.0.0"')
    return with_texts(text, path, {("version",): version})


def with_texts(text: str, path: str, texts: Mapping[Where, str]) -> str:
    """JSON with other texts where there are some; a place that is not there stays absent.

    ``path`` is what the InputError calls a file that is not JSON.
    """
    _object(text, path)
    spans = dict(_spans(text, text.index("{"), (), {where[:-1] for where in texts}))
    for where, (start, end) in sorted(spans.items(), key=lambda item: item[1], reverse=True):
        if where in texts:
            text = text[:start] + json.dumps(texts[where]) + text[end:]
    return text


def place(text: str, where: Where) -> tuple[int, int]:
    """Line and column, from 1, of the value at a place in valid JSON, or of the nearest thing around it."""
    opened = {where[:length] for length in range(len(where))}
    spans = dict(_spans(text, text.index("{"), (), opened))
    while where and where not in spans:
        where = where[:-1]
    return line_and_column(text, spans[where][0]) if where else (1, 1)


def _object(text: str, path: str) -> dict[str, object]:
    try:
        found: object = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("an object is wanted")
    except ValueError as wrong:
        raise InputError(f"{path}: invalid JSON: {wrong}") from wrong
    return cast("dict[str, object]", found)


def _spans(text: str, at: int, where: Where, opened: set[Where]) -> Iterator[tuple[Where, tuple[int, int]]]:
    """Where values start and end, in the object at ``at`` and in its objects that lead to ``opened``.

    Of a key that stands twice the last one counts, as for readers.
    """
    decode = json.JSONDecoder().raw_decode
    at = _after(text, at + 1)
    while text[at] != "}":
        key, at = decode(text, at)
        start = _after(text, _after(text, at) + 1)
        _, end = decode(text, start)
        inner = (*where, key)
        yield inner, (start, end)
        if text[start] == "{" and any(each[: len(inner)] == inner for each in opened):
            yield from _spans(text, start, inner, opened)
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at


def _after(text: str, at: int) -> int:
    """The first place from ``at`` on that is no white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at
