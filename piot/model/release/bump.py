"""The version after a version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

from piot.model.semver import Semver

Word: TypeAlias = Literal["patch", "minor", "major"]

WORDS: tuple[Word, ...] = ("patch", "minor", "major")
"""From the least to the greatest."""

_LAST_NUMBER = re.compile(r"([0-9]+)(?!.*[0-9])")


def bumped(version: Semver, word: Word | None = None) -> Semver:
    """What comes after ``version``; without a word a patch, and after a pre-release the next one of it.

    Zero is nothing special: ``minor`` of 0.1.5 is 0.2.0. A word ends a line of pre-releases, as npm's
    ``version`` does: ``minor`` of 1.3.0-rc.2 is 1.3.0, of 1.2.4-rc.2 it is 1.3.0 too.
    """
    if version.pre and word is None:
        return Semver(version.core, _next_pre(version.pre))
    major, minor, patch = version.core
    match word:
        case "major":
            ends = bool(version.pre) and minor == patch == 0
            return Semver((major if ends else major + 1, 0, 0))
        case "minor":
            ends = bool(version.pre) and patch == 0
            return Semver((major, minor if ends else minor + 1, 0))
        case _:
            return Semver((major, minor, patch if version.pre else patch + 1))


def _next_pre(pre: str) -> str:
    """``rc.1`` to ``rc.2``, ``beta`` to ``beta.1``."""
    if match := _LAST_NUMBER.search(pre):
        return f"{pre[: match.start()]}{int(match[1]) + 1}{pre[match.end() :]}"
    return f"{pre}.1"


def greatest(words: Sequence[Word]) -> Word | None:
    """The one that changes most; None for none."""
    return max(words, key=WORDS.index, default=None)
