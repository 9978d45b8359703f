"""Keeping the store small and sound: what it holds, what goes, what is damaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from piot.effects import files
from piot.effects.locks import FileLock
from piot.errors import InputError, PiotError
from piot.model.digest import Digest
from piot.run.stores.blobs import Missing
from piot.run.stores.capture import tree_of
from piot.run.stores.inventory import (
    KINDS,
    Item,
    in_use_since,
    is_free,
    items_of,
    leases_of,
    remove_item,
    used_at,
)
from piot.run.stores.local import LocalStore

_ROOM = 0.8
"""How full `tidy` leaves the store, so that it does not have to collect after every session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What the store holds; sizes in bytes."""

    root: Path
    results: int
    blobs: int
    blob_bytes: int
    trees: int
    tree_bytes: int
    sessions: int
    """Processes that use it now."""

    @property
    def total_bytes(self) -> int:
        return self.blob_bytes + self.tree_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a collection removed (things and bytes), and the bytes that it left."""

    removed: int
    freed: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How many things were read again, and the paths (inside the store) of those that were removed.

    ``corrupt`` did not hold what their names say; ``incomplete`` are results whose blobs are gone.
    """

    checked: int
    corrupt: tuple[str, ...]
    incomplete: tuple[str, ...]


def info(store: LocalStore) -> Info:
    """Counts and sizes."""
    items = list(items_of(store))
    blobs = [item.size for item in items if item.kind == "blobs"]
    trees = [item.size for item in items if item.kind == "trees"]
    return Info(
        root=store.root,
        results=sum(item.kind == "results" for item in items),
        blobs=len(blobs),
        blob_bytes=sum(blobs),
        trees=len(trees),
        tree_bytes=sum(trees),
        sessions=sum(not is_free(store.root / "leases" / name) for name in leases_of(store)),
    )


def gc(store: LocalStore, max_bytes: int) -> Collected:
    """Removes what was not used for longest until at most ``max_bytes`` are left.

    A blob counts as used when a result that needs it was. Nothing goes that a running session used,
    or found fresh, since it began; unfinished files of dead processes always go.
    """
    with _lock(store):
        _sweep(store)
        return _collect(store, max_bytes)


def tidy(store: LocalStore, max_bytes: int) -> Collected | None:
    """To be called as a session ends: collects when the store has outgrown ``max_bytes``, else None.

    The size is not counted anew: what the last collection left plus what sessions added since.
    """
    lock = _lock(store)
    if not store.written or not lock.try_acquire():
        return None
    try:
        size = _noted(store)
        size = max_bytes + 1 if size is None else size + store.written
        store.written = 0
        if size <= max_bytes:
            _note(store, size)
            return None
        _sweep(store)
        return _collect(store, int(max_bytes * _ROOM))
    finally:
        lock.release()


def verify(store: LocalStore) -> Verified:
    """Reads everything again and removes what is damaged, then the results that are not whole."""
    with _lock(store):
        items = list(items_of(store))
        corrupt = [item for item in items if not _is_sound(store, item)]
        for item in corrupt:
            remove_item(store, item)
        incomplete = [item for item in items if item.kind == "results" and not _is_whole(store, item)]
        for item in incomplete:
            remove_item(store, item)
    return Verified(
        checked=len(items),
        corrupt=tuple(item.path.relative_to(store.root).as_posix() for item in corrupt),
        incomplete=tuple(i.path.relative_to(store.root).as_posix() for i in incomplete if i not in corrupt),
    )


def remove(store: LocalStore, key: Digest) -> bool:
    """Forgets the result of ``key``, so that the action runs again; False when there was none."""
    return files.remove_file(store.result_path(key))


def _collect(store: LocalStore, max_bytes: int) -> Collected:
    items = list(items_of(store))
    used = _last_uses(store, items)
    total = before = sum(item.size for item in items)
    removed = 0
    leases, since = leases_of(store), in_use_since(store)
    for item in sorted(items, key=lambda item: (used[item.path], KINDS.index(item.kind))):
        if leases != (leases := leases_of(store)):
            since = in_use_since(store)
        if total <= max_bytes or used[item.path] >= since:
            break
        if used_at(item) == item.used:
            remove_item(store, item)
            total -= item.size
            removed += 1
    _note(store, total)
    return Collected(removed=removed, freed=before - total, kept=total)


def _last_uses(store: LocalStore, items: list[Item]) -> dict[Path, float]:
    """When each was last used, by itself or through a result; newest results first, so each blob once."""
    used = {item.path: item.used for item in items}
    seen: set[Digest] = set()
    results = (item for item in items if item.kind == "results")
    for item in sorted(results, key=lambda item: item.used, reverse=True):
        result = store.peek_result(_key(item))
        try:
            for digest in store.needed(result, seen) if result else ():
                path = store.blob_path(digest)
                used[path] = max(used.get(path, 0.0), item.used)
        except (Missing, InputError):
            continue
    return used


def _lock(store: LocalStore) -> FileLock:
    return FileLock(store.root / "gc.lock", what="cleans up the store")


def _noted(store: LocalStore) -> int | None:
    """The size of the store as last noted, in bytes."""
    try:
        return int(files.read_file(store.root / "size"))
    except (FileNotFoundError, ValueError):
        return None


def _note(store: LocalStore, size: int) -> None:
    files.write_atomic(store.root / "size", str(size).encode())


def _sweep(store: LocalStore) -> None:
    """Removes locks of dead processes, and what they had not finished."""
    unfinished = files.names(store.root / "tmp")
    since = in_use_since(store)  # after the listing: what was listed has its lease already
    for shard in files.names(store.root / "locks"):
        for name in files.names(store.root / "locks" / shard):
            is_free(store.root / "locks" / shard / name)  # which removes it if so
    for name in unfinished:
        path = store.root / "tmp" / name
        found = files.look(path)
        if found and found.modified < since:
            files.remove_tree(path)


def _is_sound(store: LocalStore, item: Item) -> bool:
    try:
        if item.kind == "blobs":
            return files.hash_file(item.path).hash == item.path.name
        if item.kind == "trees":
            return tree_of(item.path / "tree", files.hash_file).root.hash == item.path.name
        return store.unsealed(item.path) is not None
    except FileNotFoundError:
        return True
    except PiotError:
        return item.kind != "trees"


def _is_whole(store: LocalStore, item: Item) -> bool:
    result = store.peek_result(_key(item))
    try:
        needed = store.needed(result) if result else ()
        return result is not None and all(files.look(store.blob_path(digest)) for digest in needed)
    except (Missing, InputError):
        return False


def _key(item: Item) -> Digest:
    """The key of a stored result; its size is not known here, and not needed to find it."""
    return Digest(item.path.name, 0)
