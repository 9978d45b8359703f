"""The dist-tag that a version of an npm package is published under."""

from __future__ import annotations

import re

from piot.errors import InputError
from piot.model.semver import Semver

DEFAULT = "latest"
_RANGE = re.compile(r"\d.*|[vV]?(?:\d+|[xX])")
"""What npm reads as a range of versions, and takes for no tag (npm docs, *dist-tag*, "Caveats"); parts of a
version hold no dots."""
_PART = r"(?:0|[1-9]\d*|[xX*])"
_ID = r"(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)"
_PARTIAL = rf"{_PART}(?:\.{_PART}(?:\.{_PART}(?:-{_ID}(?:\.{_ID})*)?)?)?(?:\+[0-9A-Za-z.-]+)?"
_ONE = rf"(?:~>?|\^|[<>]?=?)\s*[v=\s]*{_PARTIAL}"
_SET = rf"(?:{_ONE}(?:\s+(?:-\s+)?{_ONE})*)?"
_RANGES = re.compile(rf"\s*{_SET}(?:\s*\|\|\s*{_SET})*\s*")
"""Ranges of versions (npm docs, *semver*, "Range Grammar")."""


def is_range(tag: str) -> bool:
    """Whether npm reads it as a range of versions (``v1``, ``1.x``), and publishes nothing under it."""
    return _RANGES.fullmatch(tag) is not None


def dist_tag(configured: str, version: str, latest: str | None) -> str:
    """What is configured, else: ``rc`` for ``1.0.0-rc.1``, ``v1-latest`` for a version before ``latest``.

    People who name no version get ``latest``, which npm otherwise moves to whatever was published last. A
    pre-release whose first identifier cannot be a tag takes ``next``; ``v1`` alone cannot be one either.
    """
    if configured != DEFAULT:
        return configured
    mine = Semver.parse(version)
    if mine.pre:
        first = mine.pre.split(".")[0]
        return "next" if _RANGE.fullmatch(first) or not first[0].isalpha() else first
    if latest is not None and mine.precedence < _precedence(latest, mine):
        return f"v{mine.core[0]}-latest"
    return DEFAULT


def _precedence(latest: str, otherwise: Semver) -> tuple[object, ...]:
    try:
        return Semver.parse(latest).precedence
    except InputError:
        return otherwise.precedence
