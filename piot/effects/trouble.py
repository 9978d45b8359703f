"""What the operating system refuses, said as one clear error with a next step."""

from __future__ import annotations

import errno
from pathlib import Path
from types import TracebackType

from piot.errors import MachineError

LITTLE = 64 * 1024**2
"""Bytes of free space below which tools are likely to have failed for want of more."""

_SPACE = "free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk"
_RIGHTS = "change its permissions, or point PIOT_CACHE_DIR at a folder you may write to"
_HINTS = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "raise the limit for file sizes (ulimit -f), or point PIOT_CACHE_DIR elsewhere",
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: "the checkout (.piot/, dist/) and the cache (PIOT_CACHE_DIR) must be where piot can write",
    errno.ENOTDIR: "move the file that stands where a folder should be, or set PIOT_CACHE_DIR",
    errno.EEXIST: "move what stands there out of the way",
    errno.ELOOP: "a symbolic link stands where a file is expected: put the file itself there",
    errno.EMFILE: "raise the limit for open files (ulimit -n)",
    errno.ENFILE: "close other programs: the machine has no open files left",
}


def refused(error: OSError, doing: str, path: Path | str) -> MachineError:
    """``cannot <doing> <path>: <reason>``, with the next step where one is known."""
    reason = error.strerror or str(error)
    return MachineError(f"cannot {doing} {path}: {reason}", hint=_HINTS.get(error.errno or 0))


def crowded(place: Path) -> str | None:
    """What to say of a disk that is nearly full; None when there is room on the one that holds ``place``.

    Not every tool that meets a full disk says so: a linker that maps its output dies of a bus error.
    """
    import shutil

    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return None
    if free >= LITTLE:
        return None
    return f"only {free / 1024**2:.1f} MB are free on the disk of {place}: {_SPACE}"


class explained:  # noqa: N801 - reads as a verb: with explained("read", path)
    """Turns an OSError of the block into ``refused``.

    FileNotFoundError passes through as it is, because callers know what an absent file means,
    unless ``absent`` is false. A class, because a generator costs three times as much per file.
    """

    __slots__ = ("_absent", "_doing", "_path")

    def __init__(self, doing: str, path: Path | str, *, absent: bool = True) -> None:
        self._doing = doing
        self._path = path
        self._absent = absent

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError) and not (self._absent and isinstance(error, FileNotFoundError)):
            raise refused(error, self._doing, self._path) from error
