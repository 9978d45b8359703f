"""Secrets that a run has seen, taken out of all that it says."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

SHORTEST = 4
"""Characters; less would be found in any text."""


class Secrets:
    """Grows while tokens are met; ``clean`` replaces all of them, in every form that they travel in."""

    def __init__(self) -> None:
        self._forms: dict[str, str] = {}

    def add(self, value: str | None) -> None:
        """From now on ``value`` is shown nowhere; too short ones and None are left alone."""
        if value is None or len(value) < SHORTEST:
            return
        shown = f"[REDACTED:{hashlib.sha256(value.encode()).hexdigest()[:8]}]"
        for form in (value, quote(value, safe=""), *_in_base64(value)):
            if len(form) >= SHORTEST:
                self._forms[form] = shown

    def clean(self, text: str) -> str:
        """The text without any of them; of two that begin alike the longer one goes first."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, self._forms[form])
        return text


def _in_base64(value: str) -> list[str]:
    """What is sure to be seen of a value inside of an encoded text, by where it begins in it (RFC 4648)."""
    data, found = value.encode(), list[str]()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        first = (0, 2, 3)[before]
        last = len(encoded) - (0, 3, 2)[(before + len(data)) % 3]
        part = encoded[first:last]
        found += [part, part.replace("+", "-").replace("/", "_")]
    return found
