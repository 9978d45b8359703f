"""Folders as they were: whether any of them has other names in it than before, without reading them.

A folder's time stamps change with every name that is made, removed or renamed in it (POSIX.1-2017, the
pages of open, unlink and rename), which git's untracked cache relies on too (git-update-index(1)). Where
they did change the names are read, since most editors save a file by replacing it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from piot.effects.clock import GRANULARITY_NS
from piot.effects.file_list import OWN
from piot.effects.stats import Signature, is_folder, newest, signatures

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


def unchanged(root: Path, kept: dict[str, Kept]) -> bool:
    """Whether all of them have the names that they had."""
    found = signatures(root, kept)
    return all(
        _same(root, folder, kept[folder], signature)
        for folder, signature in found.items()
        if (None if (was := kept[folder]) is None else was[0]) != signature
    )


def _same(root: Path, folder: str, was: Kept, signature: Signature | None) -> bool:
    if was is None:
        return signature is None or not is_folder(signature)
    try:
        return _digest(_names(root, folder)) == was[1]
    except OSError:
        return False


def _names(root: Path, folder: str) -> list[str]:
    """Sorted; folders with a ``/`` at the end."""
    with os.scandir(root / folder) as children:
        names = (f"{each.name}/" if each.is_dir(follow_symlinks=False) else each.name for each in children)
        return sorted(name for name in names if folder or name not in OWN)


def _digest(names: Iterable[str]) -> str:
    from hashlib import sha256  # loads OpenSSL, which takes longer than to see that nothing changed

    return sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:32]
