"""The store on this machine: blobs by digest, results by action key, unpacked trees, memos."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from piot.effects import files
from piot.effects.locks import FileLock
from piot.errors import InputError
from piot.model.digest import Digest
from piot.model.reapi import decode_result, encode_result
from piot.model.result import ActionResult
from piot.model.tree import Directory, Tree, decode_directory
from piot.run.stores.blobs import BlobStore, Missing
from piot.run.stores.materialise import write_tree

__all__ = ["LocalStore", "Missing"]

TREE_TIME = 946_684_800
"""The mtime of everything in an unpacked tree: 2000-01-01, which every archive format can say."""


class LocalStore(BlobStore):
    """Shared by all checkouts and processes of a user; every method may run in several at once."""

    def __init__(self, root: Path, *, results: Path | None = None) -> None:
        super().__init__(root)
        self._results = results

    def result_path(self, key: Digest) -> Path:
        """Where the result of ``key`` is recorded."""
        if self._results is None:
            return self.path_of("results", key.hash)
        return self._results / key.hash[:2] / key.hash

    def has_results(self) -> bool:
        """Whether a result was ever recorded here."""
        return bool(files.names(self._results or self.root / "results"))

    def put_tree(self, tree: Tree) -> None:
        """Stores the directories of ``tree``; the files they name are stored by themselves."""
        for digest, encoded in tree.directories.items():
            self.add(digest, encoded)

    def directory(self, digest: Digest) -> Directory:
        """A stored directory; raises Missing."""
        return decode_directory(self.read(digest))

    def walk(self, root: Digest, seen: set[Digest] | None = None) -> Iterator[Digest]:
        """Every directory and file below ``root``, itself included, each digest once; Missing.

        What is in ``seen`` is left out with all below it; what is found is added.
        """
        seen = set() if seen is None else seen
        stack = [] if root in seen else [root]
        seen.add(root)
        while stack:
            at = stack.pop()
            directory = self.directory(at)
            yield at
            for node in directory.directories:
                if node.digest not in seen:
                    seen.add(node.digest)
                    stack.append(node.digest)
            for file in directory.files:
                if file.digest not in seen:
                    seen.add(file.digest)
                    yield file.digest

    def tree_path(self, digest: Digest) -> Path:
        """A read-only folder with that tree, unpacked once and shared: mount it, never write to it.

        Raises Missing when a part of it is not in the store.
        """
        self.lease()
        place = self.path_of("trees", digest.hash)
        if files.refresh(place / "size") is None:
            with self.lock(digest, what="unpacking"):
                if files.refresh(place / "size") is None:
                    self._unpack(digest, place)
        return place / "tree"

    def get_result(self, key: Digest, *, whole: bool = True) -> ActionResult | None:
        """The result of the action ``key``; None unless it succeeded and everything it needs is here.

        Without ``whole`` that is not looked at, which takes time in proportion to the files.
        """
        result = self.peek_result(key)
        if result is None:
            return None
        self.lease()
        files.refresh(self.result_path(key))
        return result if not whole or self.is_whole(result) else None

    def peek_result(self, key: Digest) -> ActionResult | None:
        """What is recorded for ``key``, whether or not its blobs are still here."""
        return self.recorded(self.result_path(key))

    def recorded(self, path: Path) -> ActionResult | None:
        """What is recorded in a file that ``result_path`` named."""
        data = self.unsealed(path)
        try:
            result = None if data is None else decode_result(data)
        except InputError:
            return None
        return result if result and result.exit_code == 0 else None

    def put_result(self, key: Digest, result: ActionResult) -> None:
        """Records a success, after its blobs; failures are never kept. Raises Missing."""
        if result.exit_code:
            return
        for digest in self.needed(result):
            if not self.has(digest):
                raise Missing(digest)
        self.seal(self.result_path(key), encode_result(result))

    def needed(self, result: ActionResult, seen: set[Digest] | None = None) -> Iterator[Digest]:
        """Every blob that ``result`` names, through its directories too; ``seen`` as in ``walk``. Missing."""
        yield from (file.digest for file in result.files)
        yield from (log for log in (result.stdout, result.stderr) if log is not None)
        for directory in result.directories:
            yield directory.tree
            yield from self.walk(directory.root, seen)

    def is_whole(self, result: ActionResult) -> bool:
        """Whether every blob that ``result`` needs is here."""
        try:
            return all(self.has(digest) for digest in self.needed(result))
        except (Missing, InputError):
            return False

    def get_memo(self, name: str, key: bytes) -> bytes | None:
        """What was last kept under ``name`` (a word) for ``key``, or None."""
        path = self.path_of(f"memos/{name}", hashlib.sha256(key).hexdigest())
        files.refresh(path)
        return self.unsealed(path)

    def put_memo(self, name: str, key: bytes, value: bytes) -> None:
        """Keeps a small fact that can be found out again, such as a tool's fingerprint."""
        self.seal(self.path_of(f"memos/{name}", hashlib.sha256(key).hexdigest()), value)

    def lock(
        self,
        key: Digest,
        *,
        what: str = "",
        on_wait: Callable[[str], object] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> FileLock:
        """Held while ``key`` is being made, so that nobody makes it twice (`effects.locks.FileLock`)."""
        path = self.path_of("locks", key.hash)
        return FileLock(path, what=what, on_wait=on_wait, stopped=stopped)

    def _unpack(self, digest: Digest, place: Path) -> None:
        with files.discarding(self.temporary()) as temporary:
            files.make_directory(temporary)
            size = write_tree(self, digest, temporary / "tree", mtime=TREE_TIME, frozen=True)
            files.write_new(temporary / "size", str(size).encode())
            if not files.move_new(temporary, place):
                files.remove_tree(temporary)
            self.written += size
