"""Input roots that were computed before: encoding a tree takes longer than looking its root up."""

from __future__ import annotations

import hashlib
import marshal
from pathlib import Path

from piot.model.digest import Digest
from piot.run.keys import ENGINE
from piot.run.staged import MountTree, Placed, tree_of
from piot.run.stores.local import LocalStore

MOST = 20_000
"""Roots that are remembered for one checkout, the latest; each takes some hundred bytes."""

_PLAIN = 2
"""The version of marshal's format in which equal values have equal bytes: no references, no interning."""


class Roots:
    """The input roots of one checkout's actions, by all that they are made of.

    Kept in the store and not in the checkout, since a wrong root would be a wrong key.
    """

    def __init__(self, store: LocalStore, checkout: Path) -> None:
        self._store = store
        self._memo = f"{ENGINE} {checkout}".encode()
        kept = store.get_memo("roots", self._memo)
        self._known: dict[bytes, tuple[str, int]] = {} if kept is None else marshal.loads(kept)
        self._new = False

    def of(self, inputs: tuple[Placed, ...], mounts: tuple[MountTree, ...]) -> Digest:
        """The digest of the tree; raises InputError when two different things stand at one place."""
        listing = (
            [(place, digest.hash, digest.size, runs) for _, place, digest, runs in inputs],
            [(name, digest.hash, digest.size) for name, digest, _ in mounts],
        )
        memo = hashlib.sha256(marshal.dumps(listing, _PLAIN)).digest()
        known = self._known.pop(memo, None)
        if known is None:
            root = tree_of(inputs, mounts).root
            known, self._new = (root.hash, root.size), True
        self._known[memo] = known  # the latest last
        return Digest(*known)

    def save(self) -> None:
        """Remembers what was computed for the next run."""
        if self._new:
            latest = dict(list(self._known.items())[-MOST:])
            self._store.put_memo("roots", self._memo, marshal.dumps(latest, _PLAIN))
