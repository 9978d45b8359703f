"""Files and folders: whole or not at all, links never followed, with one clear error each.

FileNotFoundError passes through, because callers know what an absent file means; every other
OSError becomes a MachineError that says what was tried, where, and what to do.
"""

from __future__ import annotations

import errno
import itertools
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from piot.effects.copying import (
    copy_file,
    copy_hashed,
    hash_file,
    read_file,
    read_small,
    read_whole,
    write_new,
)
from piot.effects.removal import remove_file, remove_tree
from piot.effects.scanning import Entry, look, names, scan
from piot.effects.trouble import explained, refused
from piot.errors import MachineError

__all__ = [
    "USED_EVERY",
    "Entry",
    "Identity",
    "beside",
    "copy_file",
    "copy_hashed",
    "discarding",
    "explained",
    "hash_file",
    "identity",
    "look",
    "make_directory",
    "make_link",
    "move_new",
    "names",
    "read_file",
    "read_small",
    "read_whole",
    "refresh",
    "remove_file",
    "remove_tree",
    "replace",
    "scan",
    "set_directory",
    "unique",
    "write_atomic",
    "write_new",
]

USED_EVERY = 3600.0
"""Seconds between two notes that something was used, so that a hit rarely writes."""

_SECOND = 1_000_000_000
"""In nanoseconds."""

Identity: TypeAlias = tuple[int, int, int]
"""Inode, size in bytes, and the fraction of the second in which it was written, in nanoseconds."""

_counter = itertools.count()
_token = os.urandom(6).hex()


def unique() -> str:
    """A word that no other process or thread uses."""
    return f"{os.getpid()}-{_token}-{next(_counter)}"


def beside(path: Path) -> Path:
    """A fresh hidden name in the folder of ``path``, for what is then renamed to it."""
    return path.with_name(f".{path.name[:100]}.{unique()}.tmp")


@contextmanager
def discarding(temporary: Path) -> Generator[Path, None, None]:
    """The same path; what still stands there when the block fails is removed."""
    try:
        yield temporary
    except BaseException:
        with suppress(OSError, MachineError):
            remove_tree(temporary)
        raise


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Writes beside and renames, so that ``path`` holds the old or the new bytes and nothing else.

    Not synced to the disk: who reads it back after a power cut must check what it reads.
    """
    make_directory(path.parent)
    with discarding(beside(path)) as temporary:
        write_new(temporary, data, mode)
        replace(temporary, path)


def replace(temporary: Path, path: Path) -> None:
    """Renames over the file ``path`` in one step; its folder is made when missing."""
    with explained("write", path, absent=False):
        try:
            temporary.replace(path)
        except FileNotFoundError:
            make_directory(path.parent)
            temporary.replace(path)


def move_new(temporary: Path, path: Path) -> bool:
    """Renames a folder to ``path`` in one step; False, and nothing done, when one stands there."""
    make_directory(path.parent)
    with explained("write", path, absent=False):
        try:
            temporary.rename(path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST) or path.is_dir():
                return False
            raise
        return True


def make_directory(path: Path, *, fresh: bool = False) -> None:
    """``path`` and its parents where missing; ``fresh`` makes it an error that ``path`` is there."""
    with explained("create the folder", path, absent=False):
        path.mkdir(parents=True, exist_ok=not fresh)


def make_link(path: Path | str, target: str) -> None:
    """A new symbolic link; fails when anything stands at ``path``.

    On Windows, where these are a privilege, a junction where ``target`` is a folder's absolute path.
    """
    with explained("create the link", path, absent=False):
        if sys.platform == "win32" and Path(target).is_absolute() and Path(target).is_dir():
            import _winapi

            _winapi.CreateJunction(target, str(path))
        else:
            os.symlink(target, path)  # noqa: PTH211 - 50 for every action


def set_directory(path: Path, mode: int, mtime: int | None) -> None:
    """The mode of a folder, and its time (seconds since 1970) unless None."""
    with explained("change", path, absent=False):
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        path.chmod(mode)


def refresh(path: Path | str) -> int | None:
    """The size of a file, None when absent; it counts as used as in ``identity``."""
    found = identity(path)
    return None if found is None else found[1]


def identity(path: Path | str) -> Identity | None:
    """What tells a file from another that takes its place; None when absent.

    An mtime that is older than `USED_EVERY` becomes now, but for its fraction of a second. Times that cannot
    be set (a read-only cache, another user's) are left: it is still a cache.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - asked for every blob of every hit
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused(error, "read", path) from error
    fraction = found.st_mtime_ns % _SECOND
    if time.time() - found.st_mtime > USED_EVERY:
        with suppress(OSError):
            os.utime(path, ns=(time.time_ns(), int(time.time()) * _SECOND + fraction))
    return found.st_ino, found.st_size, fraction
