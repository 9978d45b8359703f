"""Patterns as in a ``.gitignore``, which cargo and npm use for what they pack."""

from __future__ import annotations

from collections.abc import Sequence

from piot.model.globs import Globs


def ignore_globs(patterns: Sequence[str]) -> Globs:
    """One with a ``/`` before its end is anchored; each is a file, or all below a folder (gitignore(5))."""
    found: list[str] = []
    for pattern in patterns:
        sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        plain = body.strip("/")
        if not plain or plain == ".":
            found.append(f"{sign}**")
            continue
        anchored = plain if "/" in body.rstrip("/") else f"**/{plain}"
        found += [f"{sign}{anchored}", f"{sign}{anchored}/**"]
    return Globs(tuple(each.replace("**/**", "**") for each in found))
