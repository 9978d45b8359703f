"""Versions as the registries of the three kinds of packages spell them."""

from __future__ import annotations

from collections.abc import Iterable

from piot.errors import InputError
from piot.model.package import Kind
from piot.model.python.pyproject import python_version
from piot.model.semver import Semver


def spelled(kind: Kind, version: Semver) -> str:
    """``1.3.0-rc.1`` for Cargo and npm, ``1.3.0rc1`` for Python; raises InputError where that cannot be."""
    return python_version(str(version)) if kind == "pypi" and version.pre else str(version)


def read_spelled(kind: Kind, text: str) -> Semver | None:
    """A version in Cargo's spelling, as far as it has one: not for ``1.0.post1`` or ``1!2.0``."""
    try:
        return Semver.parse(_from_python(text) if kind == "pypi" else text)
    except InputError:
        return None


def _from_python(text: str) -> str:
    """PEP 440 to semver.org: missing numbers are 0, and a pre-release is a word and a number."""
    from packaging.version import InvalidVersion, Version

    try:
        found = Version(text)
    except InvalidVersion:
        return text
    if found.epoch or found.post is not None or found.local or len(found.release) > 3:
        return text
    core = ".".join(map(str, (*found.release, 0, 0)[:3]))
    words = {"a": "alpha", "b": "beta", "rc": "rc"}
    parts = [words[found.pre[0]], str(found.pre[1])] if found.pre else []
    parts += ["dev", str(found.dev)] if found.dev is not None else []
    return f"{core}-{'.'.join(parts)}" if parts else core


def highest(kind: Kind, texts: Iterable[str]) -> Semver | None:
    """The highest of some versions that a registry has; None without one that can be read.

    Pre-releases count only where there is nothing else.
    """
    found = [version for text in texts if (version := read_spelled(kind, text)) is not None]
    return max(found, key=lambda version: (not version.pre, version.precedence), default=None)
