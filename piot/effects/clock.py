"""The time: of the calendar, to compare with time stamps of files, and a stopwatch's."""

from __future__ import annotations

import time

GRANULARITY_NS = 2_000_000_000
"""The coarsest time stamps of files: FAT keeps 2 s, HFS+ and old NFS 1 s, ext4 and others a tick of the
kernel (about 4 ms). What was changed less than this ago may change again under the same time stamp."""


def now_ns() -> int:
    """Nanoseconds since 1970, the clock that a local file system stamps files with."""
    return time.time_ns()


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def stopwatch() -> float:
    """Seconds since some moment; never goes back, so that differences are durations."""
    return time.perf_counter()


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def rfc3339(nanoseconds: int) -> str:
    """``2026-11-21T16:05:09Z`` of nanoseconds since 1970."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(nanoseconds // 10**9))


def local_time(nanoseconds: int) -> str:
    """``2026-11-21 16:05:09`` of nanoseconds since 1970, in this machine's time zone."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(nanoseconds // 10**9))
