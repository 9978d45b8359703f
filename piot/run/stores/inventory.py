"""What lies in a store, when it was last used, and who may be using it now."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from piot.effects import files
from piot.effects.locks import FileLock
from piot.run.stores.blobs import BlobStore

KINDS = ("results", "memos", "trees", "blobs")
"""In the order in which equally old things go: a result never outlives what it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the store: ``kind`` is of ``KINDS``, ``size`` in bytes, ``used`` in seconds since 1970."""

    kind: str
    path: Path
    size: int
    used: float


def items_of(store: BlobStore) -> Iterator[Item]:
    """Everything in the store but locks, leases and unfinished files."""
    for kind in KINDS:
        folders = [store.root / kind]
        if kind == "memos":
            folders = [folders[0] / name for name in files.names(folders[0])]
        for folder in folders:
            for shard in files.names(folder):
                for name in files.names(folder / shard):
                    yield from _item(kind, folder / shard / name)


def _item(kind: str, path: Path) -> Iterator[Item]:
    found = files.look(path / "size" if kind == "trees" else path)
    if found is None:
        return
    try:
        size = int(files.read_file(path / "size")) if kind == "trees" else found.size
    except (FileNotFoundError, ValueError):
        size = 0
    yield Item(kind=kind, path=path, size=size, used=found.modified)


def used_at(item: Item) -> float | None:
    """When it was last used, as of now; None when it is gone."""
    found = files.look(item.path / "size" if item.kind == "trees" else item.path)
    return found.modified if found else None


def remove_item(store: BlobStore, item: Item) -> None:
    """Removes it in one step: an unpacked tree is moved aside first."""
    if item.kind != "trees":
        files.remove_file(item.path)
        return
    aside = store.root / "tmp" / files.unique()
    files.replace(item.path, aside)
    files.remove_tree(aside)


def leases_of(store: BlobStore) -> list[str]:
    """The names of the leases, those of dead processes included."""
    return files.names(store.root / "leases")


def in_use_since(store: BlobStore) -> float:
    """Seconds since 1970: what was used later may be in use. Infinite when no session runs.

    A session's own start is not enough, because what was used within the last hour is not touched.
    """
    since = math.inf
    for name in leases_of(store):
        path = store.root / "leases" / name
        found = files.look(path)
        if found and not is_free(path):
            since = min(since, found.modified - files.USED_EVERY)
    return since


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock; its file is removed then."""
    lock = FileLock(path)
    free = lock.try_acquire()
    lock.release()
    return free
