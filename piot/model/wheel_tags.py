"""Which wheels a machine takes, best first, whatever machine this is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from piot.errors import InputError

if TYPE_CHECKING:
    from packaging.tags import Tag

    from piot.model.triple import Triple

_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""Older names of glibc floors 2.x (PEP 600)."""
_NEWEST = {"gnu": (2, 99), "musl": (1, 9), "macos": (39, 0)}
"""Assumed when the machine's own version is not known: every file is fine then."""


def tags_of(filename: str) -> frozenset[Tag]:
    """The tags in the name of a wheel (PEP 427); raises InputError when it is not such a name."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        return parse_wheel_filename(filename)[3]
    except InvalidWheelFilename as error:
        raise InputError(f"not the file name of a wheel: {filename}") from error


@lru_cache(maxsize=32)
def tag_ranks(host: Triple, system: tuple[int, int] | None, python: tuple[int, int]) -> dict[Tag, int]:
    """Every tag that the machine takes, with its rank; 0 is the best."""
    from packaging.tags import compatible_tags, cpython_tags

    platforms = list(_platforms(host, system))
    interpreter = f"cp{python[0]}{python[1]}"
    tags = [
        *cpython_tags(python, [interpreter], platforms),
        *compatible_tags(python, interpreter, platforms),
    ]
    ranks: dict[Tag, int] = {}
    for tag in tags:
        ranks.setdefault(tag, len(ranks))
    return ranks


def _platforms(host: Triple, system: tuple[int, int] | None) -> Iterator[str]:
    from packaging.tags import mac_platforms

    arch = host.wheel_arch
    match host.os:
        case "linux":
            libc = host.libc or "gnu"
            major, minor = system or _NEWEST[libc]
            for older in range(minor, -1, -1):
                yield f"{'musllinux' if libc == 'musl' else 'manylinux'}_{major}_{older}_{arch}"
                if libc == "gnu" and older in _LEGACY:
                    yield f"{_LEGACY[older]}_{arch}"
            yield f"linux_{arch}"
        case "macos":
            yield from mac_platforms(system or _NEWEST["macos"], arch)
        case "windows":
            yield arch if arch == "win32" else f"win_{arch}"
            if arch == "arm64":  # Windows on ARM runs x86-64 programs too
                yield "win_amd64"
        case other:  # never empty: packaging would take this machine's own platforms instead
            yield f"{other}_{arch}"
