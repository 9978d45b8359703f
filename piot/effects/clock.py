"""The time: of the calendar, to compare with time stamps of files, and a stopwatch's."""

from __future__ import annotations

import time


def now_ns() -> int:
    """Nanoseconds since 1970, the clock that a local file system stamps files with."""
    return time.time_ns()


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def stopwatch() -> float:
    """Seconds since some moment; never goes back, so that differences are durations."""
    return time.perf_counter()
