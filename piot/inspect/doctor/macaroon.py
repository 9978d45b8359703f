"""What a token of PyPI may upload: read out of the token, which is a macaroon (libmacaroons, format 2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import cast

PREFIX = "pypi-"
_END, _IDENTIFIER, _SIGNATURE = 0, 2, 6
_PROJECTS, _USER, _PUBLISHER = 1, 3, 4
"""The first item of a caveat of warehouse (``warehouse/macaroons/caveats``)."""


def scope(token: str) -> str:
    """``projects a and b``, ``every project of its user``, or that it does not show."""
    unknown = "projects of its user"
    if not token.startswith(PREFIX):
        return unknown
    body = token.removeprefix(PREFIX)
    try:
        caveats = list(_caveats(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))
    except (ValueError, IndexError):
        return unknown
    projects = [name for caveat in caveats for name in _projects(caveat)]
    if projects:
        return f"{'project' if len(projects) == 1 else 'projects'} {', '.join(projects)}"
    kinds = [cast("list[object]", each)[0] for each in caveats if isinstance(each, list) and each]
    if _PUBLISHER in kinds:
        return "projects of a trusted publisher (short-lived)"
    return "every project of its user" if _USER in kinds or _whole(caveats) else unknown


def _whole(caveats: list[object]) -> bool:
    return any(
        isinstance(each, dict) and cast("dict[str, object]", each).get("permissions") == "user"
        for each in caveats
    )


def _projects(caveat: object) -> list[str]:
    """Of the present form ``[1, [name, …]]`` and the older one ``{"permissions": {"projects": […]}}``."""
    names: object = None
    if isinstance(caveat, list):
        items = cast("list[object]", caveat)
        names = items[1] if len(items) > 1 and items[0] == _PROJECTS else None
    elif isinstance(caveat, dict):
        allowed = cast("dict[str, object]", caveat).get("permissions")
        names = cast("dict[str, object]", allowed).get("projects") if isinstance(allowed, dict) else None
    found = cast("list[object]", names) if isinstance(names, list) else []
    return [name for name in found if isinstance(name, str)]


def _caveats(data: bytes) -> Iterator[object]:
    """The caveats as JSON: the identifiers of every section but the first."""
    if data[0] != 2:
        raise ValueError("not a macaroon of format 2")
    at, section = 1, 0
    while at < len(data):
        field, at = _number(data, at)
        if field == _END:
            section += 1
            continue
        length, at = _number(data, at)
        value, at = data[at : at + length], at + length
        if field == _SIGNATURE:
            return
        if field == _IDENTIFIER and section:
            yield json.loads(value)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A varint, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return value, at
