"""Blobs by digest in a folder: written beside and renamed, read-only, checked when read.

Everything is written under ``tmp/`` first, so a killed process leaves nothing that looks whole.
Nothing is synced: what a power cut may have emptied is caught by size and checksum, and is then
merely missing. The mtime of a file says when it was last used (`maintain.gc`).
"""

from __future__ import annotations

import atexit
import hashlib
from pathlib import Path

from piot.effects import files
from piot.effects.locks import FileLock
from piot.errors import MachineError
from piot.model.digest import Digest

SMALL = 1 << 18
"""Up to this many bytes a blob is checked by hash whenever it is used, beyond it by size."""

_SEAL = hashlib.sha256().digest_size


class Missing(MachineError):
    """A blob is not, or no longer, in the store; who can make it again does so."""

    def __init__(self, digest: Digest) -> None:
        super().__init__(f"the store has lost {digest}", hint="run it again: what is missing is made anew")
        self.digest = digest


class BlobStore:
    """The part of the store that holds bytes, and the lease that keeps them from being collected.

    Raises MachineError, with the path and the next step, when the folder cannot be written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._blobs = f"{root}/blobs"
        self.written = 0
        """Bytes added by this object, for `maintain.tidy`."""
        self._lease: FileLock | None = None

    def has(self, digest: Digest) -> bool:
        """Whether the blob is there in its full size; it then counts as used now."""
        return files.refresh(self._blob(digest)) == digest.size

    def blob_path(self, digest: Digest) -> Path:
        """Where the blob lies, read-only, when it is there."""
        return Path(self._blob(digest))

    def put_bytes(self, data: bytes) -> Digest:
        """Stores ``data``."""
        digest = Digest.of(data)
        self.add(digest, data)
        return digest

    def put_file(self, path: Path, *, follow: bool = True) -> Digest:
        """Stores the bytes of ``path``: what is hashed is what is stored, whoever writes meanwhile.

        With ``follow=False`` a link at ``path`` is an error. FileNotFoundError when it is absent.
        """
        data = files.read_small(path, SMALL, follow=follow)
        if data is not None:
            return self.put_bytes(data)
        with files.discarding(self.temporary()) as temporary:
            digest = files.copy_hashed(path, temporary, 0o444, follow=follow)
            self._settle(temporary, digest)
        return digest

    def read(self, digest: Digest) -> bytes:
        """The bytes of a blob; raises Missing when it is absent, or corrupt (it is then deleted)."""
        try:
            data = files.read_whole(self._blob(digest), digest.size)
        except FileNotFoundError:
            raise Missing(digest) from None
        if len(data) != digest.size or hashlib.sha256(data).hexdigest() != digest.hash:
            raise self._lost(digest)
        return data

    def copy_to(
        self, digest: Digest, dest: Path | str, *, mode: int, mtime: int | None, checked: bool = False
    ) -> None:
        """A new file at ``dest`` with the blob's bytes; Missing as in ``read``.

        Blobs above 256 KiB are compared by size only, unless ``checked``.
        """
        source = self._blob(digest)
        try:
            if digest.size <= SMALL:
                files.write_new(dest, self.read(digest), mode, mtime)
                return
            same = (
                files.copy_hashed(source, dest, mode, mtime) == digest
                if checked
                else files.copy_file(source, dest, mode, mtime) == digest.size
            )
        except FileNotFoundError:
            raise Missing(digest) from None
        if not same:
            files.remove_file(Path(dest))
            raise self._lost(digest)

    def lease(self) -> None:
        """From now until the process ends, nothing it uses is collected. Taken by itself when needed."""
        if self._lease is None:
            files.make_directory(self.root / "tmp")
            lease = FileLock(self.root / "leases" / files.unique(), what="uses the store")
            lease.acquire()
            self._lease = lease
            atexit.register(lease.release)

    def close(self) -> None:
        """Gives the lease back before the process ends."""
        if self._lease is not None:
            self._lease.release()
            atexit.unregister(self._lease.release)
            self._lease = None

    def path_of(self, kind: str, name: str) -> Path:
        """Where ``name``, a hash in hex, lies among the things of one kind."""
        return Path(f"{self.root}/{kind}/{name[:2]}/{name}")

    def temporary(self) -> Path:
        """A fresh path on the store's file system, for what is then renamed into it."""
        self.lease()
        return self.root / "tmp" / files.unique()

    def add(self, digest: Digest, data: bytes) -> None:
        """Stores ``data``, whose digest is known already."""
        self.lease()
        if not self.has(digest):
            with files.discarding(self.temporary()) as temporary:
                files.write_new(temporary, data, 0o444)
                self._settle(temporary, digest)

    def _blob(self, digest: Digest) -> str:
        """``blob_path`` as text: a Path costs more than asking whether the file is there."""
        return f"{self._blobs}/{digest.hash[:2]}/{digest.hash}"

    def _settle(self, temporary: Path, digest: Digest) -> None:
        if self.has(digest):
            files.remove_file(temporary)
            return
        files.replace(temporary, self.blob_path(digest))
        self.written += digest.size

    def _lost(self, digest: Digest) -> Missing:
        files.remove_file(self.blob_path(digest))
        return Missing(digest)

    def seal(self, path: Path, data: bytes) -> None:
        """Writes with a checksum in front: an emptied file would else decode as a result without outputs."""
        with files.discarding(self.temporary()) as temporary:
            files.write_new(temporary, hashlib.sha256(data).digest() + data)
            files.replace(temporary, path)

    def unsealed(self, path: Path) -> bytes | None:
        """What ``seal`` wrote, or None when it is absent or damaged."""
        try:
            sealed = files.read_file(path)
        except FileNotFoundError:
            return None
        seal, data = sealed[:_SEAL], sealed[_SEAL:]
        return data if hashlib.sha256(data).digest() == seal else None
