"""How much of this machine a process may use: processors and memory, as far as its cgroups allow."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_UNLIMITED = 1 << 60
"""cgroup v1 writes "no limit" as the greatest multiple of a page below 2**63."""


def cpu_count(*, files: Path = Path("/")) -> int:
    """How many processors this process may keep busy: at least 1, by affinity and cgroup quota.

    ``files`` is the root below which ``proc`` and ``sys`` are read.
    """
    if sys.platform == "linux":
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *_quotas(files)]))


def memory_bytes(*, files: Path = Path("/")) -> int:
    """The memory that this process may use, in bytes: the machine's, or the cgroup's limit."""
    if sys.platform == "win32":
        physical = _windows_memory()
    else:
        physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min([physical, *_memory_limits(files)])


def _quotas(files: Path) -> list[int]:
    """Processors that each enclosing cgroup allows, rounded up.

    The kernel's cgroup-v2 ``cpu.max`` is ``quota period`` in microseconds, v1 has a file for each.
    """
    found: list[int] = []
    for folder in _groups(files, "cpu"):
        words = _words(folder / "cpu.max") or [
            *_words(folder / "cpu.cfs_quota_us"),
            *_words(folder / "cpu.cfs_period_us"),
        ]
        if len(words) == 2 and words[0].isdecimal() and int(words[1]):
            found.append(-(-int(words[0]) // int(words[1])))
    return found


def _memory_limits(files: Path) -> list[int]:
    words = [
        word
        for folder in _groups(files, "memory")
        for name in ("memory.max", "memory.limit_in_bytes")
        for word in _words(folder / name)
    ]
    return [int(word) for word in words if word.isdecimal() and int(word) < _UNLIMITED]


def _groups(files: Path, controller: str) -> list[Path]:
    """The folders of this process's cgroup and of those around it.

    In a container its own may be the root of the mount: then those by its outer name are not there.
    """
    found: list[Path] = []
    for line in _lines(files / "proc/self/cgroup"):
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":
            top = files / "sys/fs/cgroup"
        elif controller in controllers.split(","):
            top = files / "sys/fs/cgroup" / controller
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        found += [top.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    return [word for line in _lines(path) for word in line.split()]


def _windows_memory() -> int:
    import ctypes

    class Status(ctypes.Structure):
        """``MEMORYSTATUSEX`` (sysinfoapi.h)."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *(
                (name, ctypes.c_uint64)
                for name in ("total", "free", "page", "page_free", "all", "left", "ext")
            ),
        )

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    kernel.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total)
