"""The dist-tag that a version of an npm package is published under."""

from __future__ import annotations

from piot.errors import InputError
from piot.model.semver import Semver

DEFAULT = "latest"


def dist_tag(configured: str, version: str, latest: str | None) -> str:
    """What is configured, else: ``rc`` for ``1.0.0-rc.1``, ``v1`` for a version before ``latest``.

    People who name no version get ``latest``, which npm otherwise moves to whatever was published last. A
    pre-release whose first identifier is a number takes ``next``, since a dist-tag must be no version.
    """
    if configured != DEFAULT:
        return configured
    mine = Semver.parse(version)
    if mine.pre:
        first = mine.pre.split(".")[0]
        return first if first.isalpha() else "next"
    if latest is not None and mine.precedence < _precedence(latest, mine):
        return f"v{mine.core[0]}"
    return DEFAULT


def _precedence(latest: str, otherwise: Semver) -> tuple[object, ...]:
    try:
        return Semver.parse(latest).precedence
    except InputError:
        return otherwise.precedence
