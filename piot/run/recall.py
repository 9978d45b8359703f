"""Input roots of actions whose files git has seen unchanged: known without a digest of any of them.

A tracked file that git sees to be as its index has it holds the same bytes for as long as that is the same
index (decision 0013). So the paths of an action's files stand for what is in them.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Sequence, Set
from functools import cached_property
from pathlib import Path
from typing import Any

from piot.model.action import SourceFile
from piot.model.digest import Digest
from piot.run.index import Seen
from piot.run.keys import ENGINE
from piot.run.staged import MountTree, Placed
from piot.run.stores.local import LocalStore

FORMAT = 2
"""Raised when what is kept means something else."""

_PLAIN = 2
"""The version of marshal's format in which equal values have equal bytes: no references, no interning."""


class Recall:
    """Roots of one checkout under one state of git's index, by paths and all that is no file of the checkout.

    ``stamped`` are files that actions see with other bytes than the checkout has, ``linked`` those among the
    files looked at that are links: git answers for a link, not for what it leads to. Kept in the store and
    not in the checkout, since a wrong root would be a wrong key.
    """

    def __init__(
        self,
        store: LocalStore,
        checkout: Path,
        seen: Seen,
        stamped: Set[str] = frozenset(),
        linked: Set[str] = frozenset(),
    ) -> None:
        self._store = store
        self._memo = f"{ENGINE} {FORMAT} {checkout}".encode()
        self._linked = linked
        self._seen = seen
        self._apart = seen.touched | stamped
        data = store.get_memo("recall", self._memo)
        kept: dict[str, Any] = {} if data is None else marshal.loads(data)
        self._roots: dict[bytes, tuple[str, int]] = kept["roots"] if kept.get("state") == seen.state else {}
        self._new = False

    def root(
        self, files: Sequence[SourceFile], others: Sequence[Placed], mounts: Sequence[MountTree]
    ) -> Digest | None:
        """The root that was noted for the same; None when it is not known, or a file may have changed."""
        if not self._apart.isdisjoint([file.path for file in files]):
            return None
        known = self._roots.get(_name(files, others, mounts))
        return None if known is None else Digest(*known)

    def note(
        self, files: Sequence[SourceFile], others: Sequence[Placed], mounts: Sequence[MountTree], root: Digest
    ) -> None:
        """Remembers a root, unless it has a file that git does not answer for."""
        paths = [file.path for file in files]
        if self._settled.issuperset(paths) and self._linked.isdisjoint(paths):
            self._roots[_name(files, others, mounts)] = root.hash, root.size
            self._new = True

    def save(self) -> None:
        """Keeps what was noted for the next run."""
        if self._new:
            kept = {"state": self._seen.state, "roots": self._roots}
            self._store.put_memo("recall", self._memo, marshal.dumps(kept, _PLAIN))

    @cached_property
    def _settled(self) -> frozenset[str]:
        return frozenset(self._seen.paths()) - self._apart


def _name(files: Sequence[SourceFile], others: Sequence[Placed], mounts: Sequence[MountTree]) -> bytes:
    listing = (
        [(file.path, file.place) for file in files],
        [(place, digest.hash, digest.size, runs) for _, place, digest, runs in others],
        [(name, digest.hash, digest.size) for name, digest, _ in mounts],
    )
    return hashlib.sha256(marshal.dumps(listing, _PLAIN)).digest()
