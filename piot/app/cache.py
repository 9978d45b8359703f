"""``piot cache``: looks after the store that all checkouts share."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.effects.git import find_root
from piot.errors import of_command_line
from piot.model.digest import Digest
from piot.model.label import Label
from piot.run.history import History
from piot.run.stores import maintain
from piot.run.stores.local import LocalStore
from piot.run.stores.maintain import Collected, Info, Verified

_KEY = re.compile(r"[0-9a-f]{64}")


def info(where: Where) -> tuple[Info, int]:
    """What the store holds, and the size in bytes that it is kept under."""
    with _session(where) as session:
        return maintain.info(session.store), session.settings.cache_max_size


def gc(where: Where, max_bytes: int | None) -> Collected:
    """Shrinks the store to ``max_bytes``, or to the size in the settings."""
    with _session(where) as session:
        return maintain.gc(session.store, session.settings.cache_max_size if max_bytes is None else max_bytes)


def verify(where: Where) -> Verified:
    """Reads everything again; what is damaged is removed."""
    with _session(where) as session:
        return maintain.verify(session.store)


def forget(names: Sequence[str], where: Where) -> tuple[tuple[str, int], ...]:
    """Forgets the results of keys (64 hex digits) and of labels of this checkout; gives how many of each.

    A label means every action of the target that ran here. Raises UsageError for what is neither.
    """
    with _session(where) as session:
        wanted = [(name, _keys(session, name)) for name in names]  # all are read before any is removed
        return tuple((name, sum(_forget(session, key) for key in keys)) for name, keys in wanted)


@contextmanager
def _session(where: Where) -> Generator[Session, None, None]:
    session = Session(where, lambda _: None, anywhere=True)
    try:
        yield session
    finally:
        session.close()


def _keys(session: Session, name: str) -> tuple[Digest, ...]:
    if _KEY.fullmatch(name):
        return (Digest(name, 0),)
    root = find_root(session.where.directory)
    with of_command_line():
        label = Label.parse(name, package=session.where.below(root))
    recorded = History(root / ".piot" / "last").keys_of(str(label))
    if not recorded:
        graph = session.graph
        with of_command_line():
            graph[label]  # raises when it is misspelt, with a near match
    return recorded


def _forget(session: Session, key: Digest) -> bool:
    """From the store, and from the results that only this checkout uses."""
    stores = [session.store]
    if session.in_checkout:
        stores.append(LocalStore(session.store.root, results=session.root / ".piot" / "results"))
    removed = [maintain.remove(store, key) for store in stores]
    return any(removed)
