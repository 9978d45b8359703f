"""``package.json`` with another version, every other byte as it was."""

from __future__ import annotations

import json
import re

from piot.errors import InputError

_SPACE = re.compile(r"[ \t\r\n]*")


def with_package_version(text: str, path: str, version: str) -> str:
    """A ``package.json`` with another top-level version, all else as it is; raises InputError without one."""
    try:
        span = _version_span(text)
    except ValueError as wrong:
        raise InputError(f"{path}: invalid JSON: {wrong}") from wrong
    if span is None:
        hint = 'add "version": "0.0.0"'
        raise InputError(f"{path}: there is no version to replace", hint=hint)
    return text[: span[0]] + json.dumps(version) + text[span[1] :]


def _version_span(text: str) -> tuple[int, int] | None:
    """Where the value of the top-level ``version`` starts and ends; the last one counts, as for readers."""
    if not isinstance(json.loads(text), dict):
        raise ValueError("an object is wanted")
    decode = json.JSONDecoder().raw_decode
    found: tuple[int, int] | None = None
    at = _after(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decode(text, at)
        start = _after(text, _after(text, at) + 1)
        _, end = decode(text, start)
        if key == "version":
            found = (start, end)
        at = _after(text, end)
        at = _after(text, at + 1) if text[at] == "," else at
    return found


def _after(text: str, at: int) -> int:
    """The first place from ``at`` on that is no white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at
