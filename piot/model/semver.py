"""Versions and requirements as Cargo reads them (semver.org 2.0.0 and the ``semver`` crate)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from piot.errors import InputError

_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    r"(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    r"(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?"
    r"(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
_COMPARATOR = re.compile(
    r"(\^|~|=|>=|<=|>|<|)\s*([0-9]+)(?:\.([0-9]+|[*xX]))?(?:\.([0-9]+|[*xX]))?"
    r"(?:-([0-9A-Za-z.-]+))?(?:\+\S+)?"
)
_SINGLE = re.compile(
    r"(\s*(?:\^|~|=|>=|)\s*)[0-9]+(?:\.[0-9]+){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?(\s*)"
)

_Bound = tuple[int, int, int]
_Precedence = tuple[_Bound, bool, tuple[tuple[int, int, str], ...]]


@dataclass(frozen=True, slots=True)
class Semver:
    """One version; ``pre`` and ``build`` are without their ``-`` and ``+``."""

    core: tuple[int, int, int]
    pre: str = ""
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> Semver:
        """``1.2.3-rc.1+build``; raises InputError for anything else."""
        match = _VERSION.fullmatch(text)
        if match is None:
            raise InputError(f'"{text}" is not a version', hint="write MAJOR.MINOR.PATCH, as in 1.2.3")
        return cls((int(match[1]), int(match[2]), int(match[3])), match[4] or "", match[5] or "")

    def __str__(self) -> str:
        text = ".".join(map(str, self.core))
        return text + (f"-{self.pre}" if self.pre else "") + (f"+{self.build}" if self.build else "")

    @property
    def precedence(self) -> _Precedence:
        """What to sort by (semver.org 11): a release comes after its pre-releases, build data is ignored."""
        parts = self.pre.split(".") if self.pre else []
        ranks = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
        return self.core, not parts, ranks


def accepts(requirement: str, version: Semver) -> bool:
    """Whether Cargo would take ``version`` for ``requirement``; raises InputError when it is none.

    A pre-release is taken only by a requirement that names a pre-release of the same version.
    """
    named = not version.pre
    for part in requirement.split(","):
        if part.strip() in ("*", "x", "X"):
            continue
        match = _COMPARATOR.fullmatch(part.strip())
        if match is None:
            raise InputError(f'"{requirement}" is not a version requirement')
        numbers = tuple(
            int(number) for number in (match[2], match[3], match[4]) if number and number.isdecimal()
        )
        wild = any(number and not number.isdecimal() for number in (match[3], match[4]))
        low = Semver(_filled(numbers), match[5] or "")
        if not _matches("=" if wild and not match[1] else match[1], numbers, low, version):
            return False
        named = named or (bool(low.pre) and len(numbers) == 3 and low.core == version.core)
    return named


def raised(requirement: str, version: Semver) -> str | None:
    """The requirement for ``version`` or later in the same spelling, or None when it cannot take it.

    One with a single ``=``, ``^``, ``~``, ``>=`` or without an operator names the version itself then; any
    other stays as it is when it still accepts the version.
    """
    if match := _SINGLE.fullmatch(requirement):
        return f"{match[1]}{Semver(version.core, version.pre)}{match[2]}"
    return requirement if accepts(requirement, version) else None


def _filled(numbers: tuple[int, ...]) -> _Bound:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def _next(numbers: tuple[int, ...], index: int) -> _Bound:
    """The first version after all that share the parts up to ``index``."""
    return _filled((*numbers[:index], numbers[index] + 1))


def _matches(operator: str, numbers: tuple[int, ...], low: Semver, version: Semver) -> bool:
    last = len(numbers) - 1
    at_least = version.precedence >= low.precedence
    match operator:
        case ">=":
            return at_least
        case "<":
            return not at_least
        case ">":
            return version.precedence > low.precedence if last == 2 else version.core >= _next(numbers, last)
        case "<=":
            return version.precedence <= low.precedence if last == 2 else version.core < _next(numbers, last)
        case "=":
            same = version.precedence == low.precedence
            return same if last == 2 else at_least and version.core < _next(numbers, last)
        case "~":
            return at_least and version.core < _next(numbers, min(last, 1))
        case _:
            index = next((at for at, number in enumerate(numbers) if number), last)
            return at_least and version.core < _next(numbers, index)
