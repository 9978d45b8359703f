"""The dist-tag that a version of an npm package is published under."""

from __future__ import annotations

import re

from piot.errors import InputError
from piot.model.semver import Semver

DEFAULT = "latest"
_RANGE = re.compile(r"\d.*|[vV]?(?:\d+|[xX])")
"""What npm reads as a range of versions, and takes for no tag (npm docs, *dist-tag*, "Caveats"); parts of a
version hold no dots."""


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
