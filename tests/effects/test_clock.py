"""The clocks."""

from __future__ import annotations

from pathlib import Path

from piot.effects import clock


def test_the_calendar_is_the_one_that_files_are_stamped_with(tmp_path: Path) -> None:
    before = clock.now_ns()
    (tmp_path / "x").touch()
    stamped = (tmp_path / "x").stat().st_mtime_ns
    assert before - 2_000_000_000 <= stamped <= clock.now_ns() + 2_000_000_000
    assert abs(clock.now() - before / 1e9) < 60


def test_the_stopwatch_never_goes_back() -> None:
    assert clock.stopwatch() <= clock.stopwatch()
