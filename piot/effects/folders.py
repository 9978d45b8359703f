"""Folders as they were: whether any of them has other names in it than before, without reading them.

A folder's time stamps change with every name that is made, removed or renamed in it (POSIX.1-2017, the
pages of open, unlink and rename), which git's untracked cache relies on too (git-update-index(1)). Where
they did change the names are read, since most editors save a file by replacing it.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from piot.effects.clock import GRANULARITY_NS, stopwatch
from piot.effects.file_list import OWN
from piot.effects.stats import Signature, is_folder, newest, signatures

_FIELDS: Callable[[os.stat_result], Signature] = attrgetter(
    *("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino", "st_dev", "st_mode")
)
_DIGITS = 32
"""Of a digest of names."""

SAMPLES, EACH, SLOW, THREADS = 4, 64, 6e-6, 4
"""As soon as one of the first few samples takes less than so many seconds for each, the system has them in
memory: other samples are slow because other programs run."""

_PLAIN = 2
"""The version of marshal's format in which equal values have equal bytes: no references, no interning."""

Kept = tuple[Signature, str] | None
"""The signature of a folder and the digest of its names; None where there was no folder."""


class Unsettled(Exception):
    """A folder was changed so lately that it may change again without showing."""


def ancestors(paths: Iterable[str]) -> set[str]:
    """The folders that the paths lie in, up to the root, which is ""."""
    found = {path.rpartition("/")[0] for path in paths}
    ahead = list(found)
    while ahead:
        above = ahead.pop().rpartition("/")[0]
        if above not in found:
            found.add(above)
            ahead.append(above)
    return found | {""}


def keep(root: Path, folders: Iterable[str], started: int) -> tuple[dict[str, Kept], set[str]]:
    """What ``unchanged`` needs, and the folders in them, all relative to ``root``.

    Raises Unsettled when one was changed after ``started`` (nanoseconds since 1970) or shortly before.
    """
    kept: dict[str, Kept] = {}
    inner: set[str] = set()
    for folder, signature in signatures(root, folders).items():
        if signature is None or not is_folder(signature):
            kept[folder] = None
            continue
        if newest(signature) > started - GRANULARITY_NS:
            raise Unsettled(folder)
        names = _names(root, folder)
        kept[folder] = signature, _digest(names)
        if not folder:
            inner.update(name[:-1] for name in names if name.endswith("/") and name != ".git/")
        elif not {".git", ".git/"}.intersection(names):  # a repository of its own
            inner.update(f"{folder}/{name[:-1]}" for name in names if name.endswith("/"))
    return kept, inner


class Packed(NamedTuple):
    """What was kept of many folders: each name with a NUL behind it, all signatures, digests one by one.

    As one text and one piece of bytes, since 12,000 tuples take longer to read than to be compared.
    """

    folders: str
    signatures: bytes
    digests: str
    absent: tuple[str, ...]


def packed(kept: Mapping[str, Kept]) -> Packed:
    """Of what ``keep`` gave."""
    there = {folder: row for folder, row in kept.items() if row is not None}
    return Packed(
        folders="".join(f"{folder}\0" for folder in there),
        signatures=marshal.dumps([signature for signature, _ in there.values()], _PLAIN),
        digests="".join(digest for _, digest in there.values()),
        absent=tuple(folder for folder, row in kept.items() if row is None),
    )


def unchanged(root: Path, kept: Packed) -> bool:
    """Whether all of them have the names that they had."""
    new = signatures(root, kept.absent).values()
    if any(signature is not None and is_folder(signature) for signature in new):
        return False
    folders = kept.folders.split("\0")[:-1]
    try:
        found = _signatures(root, folders)
        return marshal.dumps(found, _PLAIN) == kept.signatures or _same_names(root, folders, found, kept)
    except OSError:
        return False


def _same_names(root: Path, folders: list[str], found: list[Signature], kept: Packed) -> bool:
    was: list[Signature] = marshal.loads(kept.signatures)
    return all(
        _digest(_names(root, folder)) == kept.digests[at * _DIGITS : (at + 1) * _DIGITS]
        for at, folder in enumerate(folders)
        if found[at] != was[at]
    )


def _signatures(root: Path, folders: list[str]) -> list[Signature]:
    """As `stats.signatures` gives them; several at a time where the system has to fetch them."""
    places = [f"{root}/{folder}" for folder in folders]
    found: list[Signature] = []
    took: list[float] = []
    for at in range(0, SAMPLES * EACH, EACH):
        began = stopwatch()
        found += _looked(places[at : at + EACH])
        took.append(stopwatch() - began)
    rest = places[len(found) :]
    return found + (_looked(rest) if min(took) < SLOW * EACH else _looked_together(rest))


def _looked_together(places: list[str]) -> list[Signature]:
    from threading import Thread  # most checkouts are too small for it

    each = len(places) // THREADS + 1
    parts = [places[at : at + each] for at in range(0, len(places), each)]
    found: list[list[Signature]] = [[] for _ in parts]

    def look(number: int) -> None:
        with suppress(OSError):
            found[number] = _looked(parts[number])

    threads = [Thread(target=look, args=(number,)) for number in range(len(parts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if any(len(mine) < len(part) for mine, part in zip(found, parts, strict=True)):
        raise FileNotFoundError
    return [signature for mine in found for signature in mine]


def _looked(places: list[str]) -> list[Signature]:
    return list(map(_FIELDS, map(os.lstat, places)))


def _names(root: Path, folder: str) -> list[str]:
    """Sorted; folders with a ``/`` at the end."""
    with os.scandir(root / folder) as children:
        names = (f"{each.name}/" if each.is_dir(follow_symlinks=False) else each.name for each in children)
        return sorted(name for name in names if folder or name not in OWN)


def _digest(names: Iterable[str]) -> str:
    from hashlib import sha256  # loads OpenSSL, which takes longer than to see that nothing changed

    return sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
