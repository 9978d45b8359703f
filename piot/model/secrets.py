"""Secrets that a run has seen, taken out of all that it says."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from piot.errors import PiotError

SHORTEST = 4
"""Characters; less would be found in any text."""
_GUESSED = 6
"""The same for what only the name of its variable makes a secret."""
_NAMES = re.compile(
    r"(?:^|_)(?:TOKEN|PAT|KEY|SECRET|SECRETS|PASS|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH)(?:_|$)"
)


class Secrets:
    """Grows while tokens are met; ``clean`` replaces all of them, in every form that they travel in.

    ``told`` hears every one of them before it can be used, and so before anything can print it.
    """

    def __init__(self, told: Callable[[str], None] = lambda _: None) -> None:
        self._forms: dict[str, str] = {}
        self._added: set[str] = set()
        self._told = told

    def add(self, value: str | None) -> None:
        """From now on ``value`` is shown nowhere; too short ones and None are left alone."""
        if value is None or len(value) < SHORTEST or value in self._added:
            return
        self._added.add(value)
        self._told(value)
        self._know(value)

    def guess(self, environ: Mapping[str, str]) -> None:
        """Knows the variables whose names say that they are secrets, for programs that print what they have.

        ``MY_PAT`` and ``API_KEY`` are, ``PATTERN`` and ``TOKENIZER`` are not, nor are paths and numbers.
        """
        for name, value in environ.items():
            plain = len(value) < _GUESSED or value.startswith("/") or value.isdecimal()
            if _NAMES.search(name.upper()) and not plain:
                self._know(value)

    def clean(self, text: str) -> str:
        """The text without any of them; of two that begin alike the longer one goes first."""
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, self._forms[form])
        return text

    @contextmanager
    def kept(self) -> Generator[None, None, None]:
        """No error leaves the block with a secret in its message or its hint."""
        try:
            yield
        except PiotError as error:
            error.message = self.clean(error.message)
            error.hint = None if error.hint is None else self.clean(error.hint)
            error.args = (error.message,)
            raise

    def _know(self, value: str) -> None:
        shown = f"[REDACTED:{hashlib.sha256(value.encode()).hexdigest()[:8]}]"
        for form in (value, quote(value, safe=""), *_in_base64(value)):
            if len(form) >= SHORTEST:
                self._forms[form] = shown


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
