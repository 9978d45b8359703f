"""Stat signatures: what tells, without reading it, that a file is the one that was read before."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from piot.effects import witness
from piot.effects.trouble import refused
from piot.errors import MachineError

Signature = tuple[int, int, int, int, int, int]
"""``(mtime_ns, ctime_ns, size, inode, device, mode)``: what git's index keeps (gitformat-index(5))."""

_GONE = (FileNotFoundError, NotADirectoryError)
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Without waiting, so that opening a pipe does not hang."""
_CHUNK = 1 << 20
_TRIES = 5


def signatures(
    root: Path | None, paths: Iterable[str], *, follow: bool = False
) -> dict[str, Signature | None]:
    """The signature of each path (relative to ``root``, absolute without one).

    A link's own unless ``follow``; None for what is not there. Raises MachineError for what cannot be
    looked at.
    """
    prefix = os.path.join(root, "") if root else ""  # noqa: PTH118 - 20,000 joins of Path cost 60 ms
    look = os.stat if follow else os.lstat
    found: dict[str, Signature | None] = {}
    path = ""
    noted = root is None and witness.watched()
    try:
        for path in paths:
            if noted:
                witness.saw(path)
            try:
                s = look(prefix + path)
            except _GONE:
                found[path] = None
            else:  # spelled out, since a call for each would cost as much as the stat
                found[path] = (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino, s.st_dev, s.st_mode)
    except OSError as error:
        raise refused(error, "look at", prefix + path) from error
    return found


def hashed(path: str) -> tuple[Signature, str] | None:
    """The hex SHA-256 of a file, links followed, under a signature that held before and after reading.

    None when it is not there or not a file. Raises MachineError when it cannot be read, or is written
    to all the time.
    """
    try:
        for _ in range(_TRIES):
            number = os.open(path, _READ)
            try:
                before = _signature(os.fstat(number))
                digest = _digest(number, before[2]) if is_file(before) else None
                if digest is None or before == _signature(os.fstat(number)):
                    return (before, digest) if digest else None
            finally:
                os.close(number)
    except _GONE:
        return None
    except OSError as error:
        raise refused(error, "read", path) from error
    raise MachineError(f"{path} changes all the time", hint="wait until what writes it is done")


def _digest(number: int, size: int) -> str:
    """In pieces of 1 MiB; a small file in one, since a large buffer costs more than its hash."""
    from hashlib import sha256  # loads OpenSSL, which takes longer than to see that nothing changed

    hasher = sha256()
    while data := os.read(number, min(size + 1, _CHUNK)):
        hasher.update(data)
    return hasher.hexdigest()


def _signature(s: os.stat_result) -> Signature:
    return (s.st_mtime_ns, s.st_ctime_ns, s.st_size, s.st_ino, s.st_dev, s.st_mode)


def is_link(signature: Signature) -> bool:
    return stat.S_ISLNK(signature[5])


def is_file(signature: Signature) -> bool:
    return stat.S_ISREG(signature[5])


def is_folder(signature: Signature) -> bool:
    return stat.S_ISDIR(signature[5])


def is_executable(signature: Signature) -> bool:
    """Whether its owner may run it; of a mode nothing else counts (REAPI ``FileNode.is_executable``)."""
    return bool(signature[5] & stat.S_IXUSR)


def newest(signature: Signature) -> int:
    """The later of its two time stamps, in nanoseconds since 1970."""
    return max(signature[0], signature[1])


def real_path(path: Path | str) -> Path:
    """The path with every link resolved; what does not exist stays as written."""
    witness.saw(path)
    return Path(os.path.realpath(path))


def matching(pattern: str) -> tuple[str, ...]:
    """The existing paths that an absolute pattern names, sorted; ``*`` stands for any part of one name.

    Behind the first ``*``, ``?`` stands for one letter, and ``**`` as the last name for everything below a
    folder that is no folder itself. A folder that is absent or may not be read matches nothing.
    """
    head, star, _ = pattern.partition("*")
    if not star:
        witness.saw(pattern)
        return (pattern,) if os.path.lexists(pattern) else ()
    from fnmatch import fnmatchcase

    base, _, rest = head.replace("\\", "/").rpartition("/") if os.name == "nt" else head.rpartition("/")
    found = [base or "/"]
    for name in (rest + pattern[len(head) :]).split("/"):
        if name == "**":
            found = [path for at in found for path in _everything(at)]
        elif "*" in name or "?" in name:
            found = [_join(at, child) for at in found for child in _names(at) if fnmatchcase(child, name)]
        else:
            found = [path for at in found if _exists(path := _join(at, name))]
    return tuple(sorted(found))


def _join(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"


def _everything(folder: str) -> list[str]:
    """What is below a folder, at any depth; links are not followed."""
    found: list[str] = []
    ahead = [folder]
    while ahead:
        at = ahead.pop()
        for name in _names(at):
            path = _join(at, name)
            (ahead if os.path.isdir(path) and not os.path.islink(path) else found).append(path)  # noqa: PTH112, PTH114 - 2,000 paths
    return found


def _exists(path: str) -> bool:
    witness.saw(path)
    return os.path.lexists(path)


def _names(folder: str) -> list[str]:
    witness.listed(folder)
    try:
        return os.listdir(folder)  # noqa: PTH208 - only the names
    except OSError:
        return []
