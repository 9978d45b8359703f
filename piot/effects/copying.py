"""Reading, hashing and copying the bytes of single files."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from piot.effects import witness
from piot.effects.trouble import explained
from piot.model.digest import Digest

CHUNK = 1 << 20
_BINARY = getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_UNABLE = frozenset((errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM))


def write_new(path: Path | str, data: bytes, mode: int = 0o644, mtime: int | None = None) -> None:
    """A new file; fails when anything, a link included, stands at ``path``. ``mtime`` in seconds."""
    with _created(path, mode) as out, explained("write", path):
        _write(out, data)
        _finish(out, path, mode, mtime)


def copy_file(source: Path | str, dest: Path | str, mode: int = 0o644, mtime: int | None = None) -> int:
    """A new file of its own with the bytes of ``source``, cloned where the file system can.

    Never a hard link: a tool that writes through one would change the source. Returns the size.
    Raises FileNotFoundError when ``source`` is absent.
    """
    with _opened(source, follow=True) as into, _created(dest, mode) as out, explained("write", dest):
        copied = _copy_in_kernel(into, out) or _pump(into, lambda chunk: _write(out, chunk))
        _finish(out, dest, mode, mtime)
        return copied


def copy_hashed(
    source: Path | str, dest: Path | str, mode: int = 0o644, mtime: int | None = None, *, follow: bool = True
) -> Digest:
    """Like ``copy_file``, and the digest of exactly the bytes that now are in ``dest``."""
    import hashlib

    hasher = hashlib.sha256()
    with _opened(source, follow=follow) as into, _created(dest, mode) as out, explained("write", dest):

        def both(chunk: bytes) -> None:
            hasher.update(chunk)
            _write(out, chunk)

        size = _pump(into, both)
        _finish(out, dest, mode, mtime)
        return Digest(hasher.hexdigest(), size)


def hash_file(path: Path | str) -> Digest:
    """The digest of the bytes of ``path``; raises FileNotFoundError when it is absent."""
    import hashlib

    hasher = hashlib.sha256()
    with _opened(path, follow=True) as source, explained("read", path):
        size = _pump(source, hasher.update)
        return Digest(hasher.hexdigest(), size)


def read_file(path: Path | str, *, follow: bool = True) -> bytes:
    """All bytes of ``path``; with ``follow=False`` a link there is an error."""
    witness.saw(path)
    with _opened(path, follow=follow) as source, explained("read", path):
        chunks: list[bytes] = []
        _pump(source, chunks.append)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def read_whole(path: str, size: int) -> bytes:
    """All bytes of a file that should have ``size``, one more when it has more; noted by nobody as below."""
    with _opened(path, follow=True) as source, explained("read", path):
        data = os.read(source, size + 1)
        while len(data) < size and (more := os.read(source, size + 1 - len(data))):
            data += more
        return data


def read_small(path: Path | str, most: int, *, follow: bool = True) -> bytes | None:
    """All bytes of a file that has at most ``most``, else None; a link there may be an error as above.

    Nobody notes it (`witness`): it is for what goes by its digest, wherever it stood.
    """
    with _opened(path, follow=follow, more=_NONBLOCK) as source, explained("read", path):
        found = os.fstat(source)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        chunks: list[bytes] = []
        size = _pump(source, chunks.append)
        return b"".join(chunks) if size <= most else None


class _Open:
    """An open file as a context manager, closed at the end."""

    __slots__ = ("_number",)

    def __init__(self, path: Path | str, flags: int, mode: int = 0o777) -> None:
        self._number = os.open(path, flags | _BINARY, mode)

    def __enter__(self) -> int:
        return self._number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._number)


def _opened(path: Path | str, *, follow: bool, more: int = 0) -> _Open:
    with explained("read", path):
        return _Open(path, os.O_RDONLY | more | (0 if follow else _NOFOLLOW))


def _created(path: Path | str, mode: int) -> _Open:
    with explained("create", path, absent=False):
        return _Open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW, mode)


def _write(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


def _finish(out: int, path: Path | str, mode: int, mtime: int | None) -> None:
    """The exact mode (``os.open`` heeds the umask) and the time."""
    if sys.platform == "win32":
        os.chmod(path, mode)  # noqa: PTH101 - the path may be text
    else:
        os.fchmod(out, mode)
    if mtime is not None:
        os.utime(out if os.utime in os.supports_fd else path, (mtime, mtime))


def _pump(source: int, take: Callable[[bytes], object]) -> int:
    """Hands the rest of ``source`` over in pieces of at most 1 MiB; returns how many bytes that were."""
    total = 0
    while chunk := os.read(source, CHUNK):
        take(chunk)
        total += len(chunk)
    return total


def _copy_in_kernel(source: int, dest: int) -> int:
    """Bytes copied by ``copy_file_range``, which clones on btrfs and xfs; 0 where it cannot."""
    total = 0
    if sys.platform == "linux":
        try:
            while count := os.copy_file_range(source, dest, 1 << 30):
                total += count
        except OSError as error:
            if total or error.errno not in _UNABLE:
                raise
    return total
