"""Which wheels a machine takes, best first, whatever machine this is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
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


def fit(
    filename: str, host: Triple, system: tuple[int, int] | None, python: tuple[int, int]
) -> tuple[int, ...] | None:
    """How well a machine takes the wheel of this name, the smaller the better; None when it does not.

    The order is the one of ``packaging.tags`` for CPython: files for a platform before those for any,
    the newest Python before older ones, the newest platform before older ones.
    """
    pythons, platforms = _pythons(python), _platform_ranks(host, system)
    interpreters, abis, names = (part.split(".") for part in filename.removesuffix(".whl").rsplit("-", 3)[1:])
    ranks: list[tuple[int, ...]] = []
    for rank in (pythons[pair] for pair in product(interpreters, abis) if pair in pythons):
        ranks += [(0, rank, platforms[name]) for name in names if name in platforms]
    if "any" in names and "none" in abis:
        ranks += [(1, pythons[each, "none"]) for each in interpreters if (each, "none") in pythons]
    return min(ranks, default=None)


@cache
def _pythons(python: tuple[int, int]) -> dict[tuple[str, str], int]:
    """Interpreter and ABI that a CPython takes, with their ranks (PEP 425; abi3 since 3.2, PEP 384)."""
    major, minor = python
    own = f"cp{major}{minor}"
    pairs = [(own, own), (own, "abi3"), (own, "none")]
    pairs += [(f"cp{major}{older}", "abi3") for older in range(minor - 1, 1, -1)]
    pairs += [(f"py{major}{minor}", "none"), (f"py{major}", "none")]
    pairs += [(f"py{major}{older}", "none") for older in range(minor - 1, -1, -1)]
    return {pair: rank for rank, pair in enumerate(pairs)}


@cache
def _platform_ranks(host: Triple, system: tuple[int, int] | None) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(_platforms(host, system))}


def _platforms(host: Triple, system: tuple[int, int] | None) -> Iterator[str]:
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
            from packaging.tags import mac_platforms

            yield from mac_platforms(system or _NEWEST["macos"], arch)
        case "windows":
            yield arch if arch == "win32" else f"win_{arch}"
            if arch == "arm64":  # Windows on ARM runs x86-64 programs too
                yield "win_amd64"
        case other:  # never empty: packaging would take this machine's own platforms instead
            yield f"{other}_{arch}"
