"""Patterns as in a ``.gitignore``, which cargo and npm use for what they pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from piot.model.globs import Globs

_INSIDE = "package"
"""A folder around all paths: at the root of a repository, Globs knows folders that are no sources."""


def ignoring(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Whether patterns match a path.

    One with a ``/`` before its end is anchored; each is a file, or all below a folder (gitignore(5)).
    """
    found: list[str] = []
    for pattern in patterns:
        sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        plain = "/".join(part for part in body.split("/") if part not in ("", "."))
        anchored = plain if "/" in body.rstrip("/") else f"**/{plain}"
        found += [f"{sign}{_INSIDE}/{each}" for each in ((anchored, f"{anchored}/**") if plain else ("**",))]
    globs = Globs(tuple(each.replace("/**/**", "/**") for each in found))
    return lambda path: globs.matches(f"{_INSIDE}/{path}")
