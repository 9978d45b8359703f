"""``release:`` lines of commit messages: how much a commit changes, which packages it releases.

    release: minor
    release: major [my-py, @my/js]
    release: 1.3.0-rc.1 [core]
    release: skip

The key is found in any case anywhere in a message, at the beginning of a line but for white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from piot.errors import InputError, near
from piot.model.release.bump import Word
from piot.model.semver import Semver

Said: TypeAlias = Word | Literal["skip"] | Semver
"""What a commit asks for: a step, no release, or this very version."""

_LINE = re.compile(r"[ \t]*release[ \t]*:(.*)", re.IGNORECASE)
_PAYLOAD = re.compile(r"([^\s\[\]]*)\s*(?:\[(.*)\])?")
_NAME = re.compile(r'\s*(?:"([^"]*)"|([^",\s]*))\s*')
_GOOD_NAME = re.compile(r"@?[A-Za-z0-9_][^\s\\:<>|*?\"]*")
_WORDS: tuple[Word | Literal["skip"], ...] = (*get_args(Word), "skip")
GRAMMAR = "patch, minor, major, skip or a version like 1.3.0, then perhaps [names]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trailer:
    """One line; no ``names`` means that it speaks of every package. ``line`` counts from 1."""

    said: Said
    names: tuple[str, ...] = ()
    line: int = 1

    def __str__(self) -> str:
        return f"{self.said} [{', '.join(self.names)}]" if self.names else str(self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A line that means to be a trailer and is none: its text, what is wrong, how it would be right."""

    text: str
    line: int
    message: str
    fix: str


def parse_trailers(message: str) -> tuple[Trailer | Malformed, ...]:
    """All ``release:`` lines of a commit message, in order."""
    found: list[Trailer | Malformed] = []
    for number, line in enumerate(message.split("\n"), start=1):
        if match := _LINE.fullmatch(line.rstrip("\r")):
            try:
                found.append(_trailer(match[1].strip(), number))
            except InputError as wrong:
                text, fix = line.strip(), wrong.hint or f"write {GRAMMAR}"
                found.append(Malformed(text=text, line=number, message=wrong.message, fix=fix))
    return tuple(found)


def _trailer(payload: str, line: int) -> Trailer:
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        raise InputError(_shape(payload))
    return Trailer(said=_said(match[1]), names=tuple(dict.fromkeys(_names(match[2] or ""))), line=line)


def _shape(payload: str) -> str:
    if "]" in payload and not payload.endswith("]"):
        return f'"{payload.rpartition("]")[2].strip()}" stands after the names'
    if "[" in payload:
        return "the brackets around the names do not close"
    return f'"{payload.split()[-1]}" is too much' if payload.split() else "it says nothing"


def _said(text: str) -> Said:
    for word in _WORDS:
        if text.lower() == word:
            return word
    if not text:
        raise InputError("it does not say how much changes")
    try:
        version = Semver.parse(text)
    except InputError:
        plain = text.removeprefix("v")
        hint = near(text.lower(), _WORDS) or (f"write {plain}" if _is_version(plain) else None)
        raise InputError(f'"{text}" is neither {", ".join(_WORDS)} nor a version', hint=hint) from None
    if version.build:
        plain = text.partition("+")[0]
        raise InputError("tags cannot say the build of a version", hint=f"write {plain}")
    return version


def _is_version(text: str) -> bool:
    try:
        Semver.parse(text)
    except InputError:
        return False
    return True


def _names(text: str) -> Iterator[str]:
    """The names between the brackets, each perhaps in quotes."""
    if not text.strip():
        return
    at = 0
    while at <= len(text):
        match = _NAME.match(text, at)
        name = (match[1] or match[2]) if match else ""
        if match is None or (match.end() < len(text) and text[match.end()] != ","):
            raise InputError("the names are not separated by commas")
        if not name:
            raise InputError("one of the names is empty", hint="remove the comma that is too much")
        if not _GOOD_NAME.fullmatch(name):
            raise InputError(f'"{name}" cannot be the name of a package')
        yield name
        at = match.end() + 1
