"""Globs: ordered patterns over repository paths, where ``!`` takes away.

The language is minimatch's with dot files: ``*`` and ``?`` stay within a folder, ``**`` as a whole
segment spans any number of folders, ``{a,b}`` and ``{1..3}`` expand, ``@(a|b) ?(a) *(a) +(a) !(a)`` and
``[a-z] [!a-z] [[:alpha:]]`` work inside a segment, ``\\`` makes the next character plain. Matching is
case-sensitive. A leading ``./`` is dropped and a trailing ``/`` means everything below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from piot.errors import InputError
from piot.model.glob_syntax import expand_braces, segment_regex

OUTPUTS = ("dist/", ".piot/")
"""Folders at the root that piot writes itself: nothing in them is ever an input."""

_MAGIC = frozenset("*?[{(\\")
_CAN_BE_WRONG = frozenset("[{(")


@dataclass(frozen=True, slots=True)
class Globs:
    """Normalised patterns, in order: a path is in when the last pattern that matches it adds."""

    patterns: tuple[str, ...]

    @classmethod
    def parse(cls, patterns: Sequence[str]) -> Globs:
        """Checks and normalises ``patterns``; raises InputError for the first that cannot ever be right."""
        if not patterns:
            raise InputError("no patterns", hint='"**" matches everything')
        if _takes_away(patterns[0]):
            raise InputError(
                f'"{patterns[0]}" takes away, but nothing was added before it',
                hint='begin with a pattern that adds, as "**"',
            )
        normal = tuple(_normal(pattern) for pattern in patterns)
        for pattern in normal:
            if _CAN_BE_WRONG.intersection(pattern):
                _regex(_body(pattern))
        return cls(normal)

    def matches(self, path: str) -> bool:
        """Whether ``path`` (relative to the repository root, ``/`` between parts) is in."""
        if path.startswith(OUTPUTS):
            return False
        for adds, fits in _runs(self.patterns):
            if fits(path):
                return adds
        return False

    def select(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of ``paths`` that are in, in the order given."""
        return tuple(path for path in paths if self.matches(path))

    def unmatched(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The patterns, ``!`` ones too, that match none of ``paths`` by themselves."""
        left = {p: _regex(_body(p)) for p in self.patterns}
        for path in paths:
            if not path.startswith(OUTPUTS):
                left = {p: regex for p, regex in left.items() if not regex.fullmatch(path)}
            if not left:
                break
        return tuple(left)

    def roots(self) -> tuple[str, ...]:
        """Files and folders (no trailing ``/``; "" is the root) outside of which nothing is in."""
        adding = [p for p in self.patterns if not _takes_away(p)]
        found = {_root(_normal_path(each, p)) for p in adding for each in expand_braces(p)}
        return tuple(
            sorted(r for r in found if not any(r != o and (not o or r.startswith(o + "/")) for o in found))
        )

    def __str__(self) -> str:
        return " ".join(self.patterns)


def _takes_away(pattern: str) -> bool:
    """A leading ``!`` that does not open a ``!(…)`` group."""
    return pattern.startswith("!") and not pattern.startswith("!(")


def _body(pattern: str) -> str:
    return pattern[1:] if _takes_away(pattern) else pattern


def _normal(pattern: str) -> str:
    return ("!" if _takes_away(pattern) else "") + _normal_path(_body(pattern), pattern)


def _normal_path(body: str, shown: str) -> str:
    """``./a//b/`` as ``a/b/**``; raises InputError for what can never name a file of the repository."""
    if not body:
        raise InputError(f'"{shown}": an empty pattern matches nothing', hint='"**" matches everything')
    if body.startswith("/"):
        raise InputError(
            f'"{shown}" begins with "/"',
            hint=f'patterns are relative to the repository root: "{body.lstrip("/") or "**"}"',
        )
    parts = [part for part in body.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise InputError(f'"{shown}" leaves its folder by ".."', hint="write the path without it")
    if body.endswith("/") or not parts:
        parts.append("**")
    return "/".join(p for i, p in enumerate(parts) if p != "**" or parts[i - 1 : i] != ["**"])


@lru_cache(maxsize=4096)
def _runs(patterns: tuple[str, ...]) -> tuple[tuple[bool, Callable[[str], object]], ...]:
    """Neighbours of one sign as one test, the last first: the first that fits decides."""
    runs: list[tuple[bool, list[str]]] = []
    for pattern in reversed(patterns):
        adds = not _takes_away(pattern)
        if not runs or runs[-1][0] != adds:
            runs.append((adds, []))
        runs[-1][1].append(_body(pattern))
    return tuple((adds, _test(bodies)) for adds, bodies in runs)


def _test(bodies: Sequence[str]) -> Callable[[str], object]:
    """Whether any of the patterns matches; names and whole folders, as most are, need no expression, whose
    compilation costs more than a package's share of a plan."""
    names = frozenset(body for body in bodies if not _MAGIC.intersection(body))
    folders = tuple(
        body[:-2] for body in bodies if body.endswith("/**") and not _MAGIC.intersection(body[:-2])
    )
    rest = [body for body in bodies if body not in names and body[:-2] not in folders]
    if not rest:
        return lambda path: path in names or path.startswith(folders)
    regex = re.compile("|".join(_regex(body).pattern for body in rest), re.DOTALL)
    return lambda path: path in names or path.startswith(folders) or regex.fullmatch(path)


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    try:
        parts = [_path_regex(_normal_path(one, pattern)) for one in expand_braces(pattern)]
        return re.compile("|".join(parts), re.DOTALL)
    except re.error as wrong:
        hint = "write \\ before a character that means itself"
        raise InputError(f'"{pattern}" is not a pattern: {wrong.msg}', hint=hint) from wrong
    except (RecursionError, OverflowError) as deep:
        raise InputError(
            f'"{pattern[:40]}…" is not a pattern: nested too deeply', hint="write several"
        ) from deep


def _path_regex(pattern: str) -> str:
    parts = pattern.split("/")
    text = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            text += ".+" if last else "(?:[^/]+/)*"
        else:
            text += ("[^/]+" if part == "*" else segment_regex(part)) + ("" if last else "/")
    return text


def _root(pattern: str) -> str:
    """The leading segments without anything special."""
    parts: list[str] = []
    for part in pattern.split("/"):
        if _MAGIC.intersection(part):
            break
        parts.append(part)
    return "/".join(parts)
