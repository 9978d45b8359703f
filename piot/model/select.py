"""Attribute values that depend on the triple, and the choice of a branch for one triple."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import cast

from piot.errors import InputError, listed, near
from piot.model.platforms import PLATFORMS
from piot.model.rule import Plain, Sources
from piot.model.triple import Triple

DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A whole attribute chosen by the triple: (condition, value), conditions as ``condition`` gives them."""

    branches: tuple[tuple[str, Plain], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectList:
    """A list that always has ``base`` and then the chosen branch, if one fits."""

    base: Plain
    branches: tuple[tuple[str, Plain], ...]


Value = Plain | Select | SelectList
"""An attribute's value as a target carries it."""


def plain_parts(value: Value) -> Iterator[Plain]:
    """The value, or everything that it could turn out to be."""
    match value:
        case Select():
            yield from (branch for _, branch in value.branches)
        case SelectList():
            yield value.base
            yield from (branch for _, branch in value.branches)
        case _:
            yield value


def texts_in(value: Value) -> Iterator[str]:
    """The texts of a list of texts, in everything that it could turn out to be."""
    for part in plain_parts(value):
        if isinstance(part, tuple):
            yield from (item for item in part if isinstance(item, str))


def condition(text: str) -> str:
    """One spelling per condition: a triple, ``os-arch``, ``os-libc``, an os, arch or libc, or ``default``.

    ``//conditions:default`` is Bazel's name of the default. Raises InputError with a near match.
    """
    if text in (DEFAULT, "//conditions:default"):
        return DEFAULT
    words = _words()
    if text in words:
        return text
    try:
        return Triple.parse(text).text
    except InputError as error:
        names = sorted({row.os for row in PLATFORMS.values()})
        hint = near(text, words) or error.hint
        raise InputError(
            f'unknown condition "{text}" in select()',
            hint=hint or f'a triple, "default", or one of {listed(names)}',
        ) from None


def resolve_select(value: Value, triple: Triple | None) -> Plain:
    """The value for one triple; a target without a triple (None) takes the default.

    The most specific condition wins: a triple before ``os-arch`` and ``os-libc`` before one of
    os, arch and libc before the default. Raises InputError when two fit equally well, or none.
    """
    match value:
        case Select():
            chosen = _choose(value.branches, triple)
            if chosen is None:
                keys = listed([f'"{key}"' for key, _ in value.branches])
                raise InputError(
                    f"no branch of select() fits {_shown(triple)}: there are {keys}",
                    hint=f'add a branch for it, or "{DEFAULT}"',
                )
            return chosen
        case SelectList():
            more = _choose(value.branches, triple)
            return value.base if more is None else _joined(value.base, more)
        case _:
            return value


def _choose(branches: tuple[tuple[str, Plain], ...], triple: Triple | None) -> Plain | None:
    ranks = _ranks(triple)
    fitting = [(ranks[key], key, branch) for key, branch in branches if key in ranks]
    best = max((rank for rank, _, _ in fitting), default=0)
    winners = [(key, branch) for rank, key, branch in fitting if rank == best]
    if len(winners) > 1:
        keys = listed([f'"{key}"' for key, _ in winners])
        raise InputError(
            f"select() is ambiguous for {_shown(triple)}: {keys} fit equally well",
            hint='add a more specific condition, such as "linux-x86_64" or the triple itself',
        )
    return winners[0][1] if winners else None


def _ranks(triple: Triple | None) -> dict[str, int]:
    """Every condition that holds, and how specific it is."""
    ranks = {DEFAULT: 0}
    if triple is None:
        return ranks
    ranks |= {triple.os: 1, triple.arch: 1, f"{triple.os}-{triple.arch}": 2, triple.text: 3}
    if triple.libc:
        ranks |= {triple.libc: 1, f"{triple.os}-{triple.libc}": 2}
    return ranks


@cache
def _words() -> frozenset[str]:
    """Every condition that is less than a triple."""
    known: set[str] = set()
    for text in PLATFORMS:
        known.update(_ranks(Triple(text)))
    return frozenset(known - PLATFORMS.keys())


def _shown(triple: Triple | None) -> str:
    return triple.text if triple else "a target without a triple"


def _joined(base: Plain, more: Plain) -> Plain:
    if isinstance(base, Sources) and isinstance(more, Sources):
        return Sources(files=base.files + more.files, globs=base.globs + more.globs)
    if isinstance(base, tuple) and isinstance(more, tuple):
        return cast("Plain", (*base, *more))
    raise TypeError(f"not lists: {base!r}, {more!r}")
