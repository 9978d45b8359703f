"""What is drawn in place fits the terminal, whatever its width, and leaves nothing behind."""

from __future__ import annotations

from typing import TextIO

import pytest

from piot.cli.progress import LEAST_COLUMNS, LiveProgress, Progress, progress_on
from piot.cli.terminal import Terminal
from piot.model import events
from tests.support.terminal import Screen, on_pty, resize

LONG = "//packages/a-rather-long-folder-name/python:wheel"
WIDE = "//包/図書館:図書館の本"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def timer_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "period", 3600.0)
    monkeypatch.setattr(LiveProgress, "period", 3600.0)


def work(progress: Progress, clock: Clock) -> None:
    """Twelve actions run, one waits, three files are fetched; two frames are drawn."""
    progress.emit(events.BuildStarted(total=20))
    for number, label in enumerate([LONG, WIDE, *(f"//:t{number}" for number in range(10))]):
        progress.emit(events.ActionStarted(id=str(number), label=label, description="maturin build"))
    progress.emit(events.Waiting(id="waits", label=LONG, for_what="another piot in this very checkout"))
    for name in "abc":
        progress.emit(events.FetchStarted(name=name, total=123_456_789_000))
    said = "Compiling\tserde\n   Compiling 本本本本本本本本本本本本 v1.0.0 (/a/long/way/down/to/it)\n"
    for number in range(2):
        progress.emit(events.ActionOutput(id=str(number), text=said))
    progress.tick()
    clock.now += 7300
    progress.tick()


def finish(progress: Progress, clock: Clock) -> None:
    """One of them ends, and another frame is drawn."""
    progress.emit(events.ActionFinished(id="0", status="ran", seconds=7300, reason="input changed: a.rs"))
    clock.now += 1
    progress.tick()


PROMPT = "$"
FINISHED = f"✓ {LONG} maturin build  2h 01m  input changed: a.rs"


def drawn(
    columns: int, lines: int = 40, *, to: tuple[int, int] | None = None, **environ: str
) -> tuple[Screen, Screen]:
    """The screen while all of it runs, and at the end; in between it may get another size."""

    def use(stream: TextIO) -> None:
        clock = Clock()
        stream.write(f"{PROMPT}\n")
        with progress_on(Terminal.of(stream, {"TERM": "xterm", **environ}, "never"), clock) as progress:
            work(progress, clock)
            stream.write("\x1b[m")  # marks the place in what is read
            if to is not None:
                resize(stream.fileno(), *to)
                stream.write(f"\x1b[8;{to[1]};{to[0]}t")
            finish(progress, clock)

    text = on_pty(use, columns=columns, lines=lines)
    before, mark, _ = text.partition("\x1b[m")
    assert mark
    return Screen(columns, lines).write(before), Screen(columns, lines).write(text)


def unwrapped(rows: list[str]) -> str:
    """Without spaces, since a row may have ended in one."""
    return "".join(rows).replace(" ", "")


FRAMES = {
    20: [
        "[0/20] 12 running,…",
        "  • //pack…  2h 01m",
        "  • //包/…  2h 01m",
        "  • //:t0 …  2h 01m",
    ],
    40: [
        "[0/20] 12 running, 1 waiting, fetching…",
        "  • //packages/a-rather-long-f…  2h 01m",
        "  • //包/図書館:図書館の本 mat…  2h 01m",
        "  • //:t0 maturin build  2h 01m",
    ],
    80: [
        "[0/20] 12 running, 1 waiting, fetching 3 (0 B of 370.4 GB)",
        "  • //packages/a-rather-long-folder-name/python:wheel maturin build  2h 01m",
        "  • //包/図書館:図書館の本 maturin build  2h 01m  Compiling 本本本本本本本本本…",
        "  • //:t0 maturin build  2h 01m",
    ],
    200: [
        "[0/20] 12 running, 1 waiting, fetching 3 (0 B of 370.4 GB)",
        f"  • {LONG} maturin build  2h 01m  "
        "Compiling 本本本本本本本本本本本本 v1.0.0 (/a/long/way/down/to/it)",
        f"  • {WIDE} maturin build  2h 01m  "
        "Compiling 本本本本本本本本本本本本 v1.0.0 (/a/long/way/down/to/it)",
        "  • //:t0 maturin build  2h 01m",
    ],
}


@pytest.mark.parametrize("columns", FRAMES)
def test_rows_never_wrap(columns: int) -> None:
    running, ended = drawn(columns)
    assert running.wraps == 0
    assert running.rows[:5] == [PROMPT, *FRAMES[columns]]
    assert len(running.rows) == 1 + 1 + 10 + 1
    assert unwrapped(ended.rows) == unwrapped([PROMPT, FINISHED])


@pytest.mark.parametrize("columns", [*range(1, 24), 79, 81])
@pytest.mark.parametrize("lines", [1, 2, 3, 5, 24])
def test_no_size_is_too_small(columns: int, lines: int) -> None:
    running, ended = drawn(columns, lines)
    assert running.wraps == 0
    assert len(running.rows) == 1 + (min(12, max(lines - 1, 0)) if columns >= LEAST_COLUMNS else 0)
    assert unwrapped(ended.rows) == unwrapped([PROMPT, FINISHED])


@pytest.mark.parametrize("to", [(20, 40), (40, 40), (200, 40), (80, 5), (80, 2), (10, 3), (30, 60)])
def test_another_size_takes_nothing_that_lasts(to: tuple[int, int]) -> None:
    running, ended = drawn(80, to=to)
    assert running.wraps == 0
    shown = unwrapped(ended.rows)
    assert shown.startswith(PROMPT)
    assert shown.endswith(unwrapped([FINISHED]))


def test_columns_of_the_environment_make_it_narrower_and_never_wider() -> None:
    for asked in ("40", "200", "0", "", "many", "-1", "٤٠"):
        running, _ = drawn(80, COLUMNS=asked)
        assert running.rows[1:5] == FRAMES[40 if asked == "40" else 80], asked


def test_a_stream_that_takes_ascii_only_gets_rows_that_fit_too() -> None:
    def use(stream: TextIO) -> None:
        stream.reconfigure(encoding="ascii")  # type: ignore[attr-defined]
        clock = Clock()
        with progress_on(Terminal.of(stream, {"TERM": "xterm"}, "never"), clock) as progress:
            work(progress, clock)

    text = on_pty(use, columns=40, lines=5).rpartition("\x1b[4A")[0]
    screen = Screen(40, 5).write(text)
    assert (screen.wraps, screen.rows) == (
        0,
        [
            "[0/20] 12 running, 1 waiting, fetchi...",
            "  * //packages/a-rather-long...  2h 01m",
            "  * //\\u5305/\\u56f3\\u66f8\\u9...  2h 01m",
            "    and 11 more",
        ],
    )


def test_colours_take_no_room() -> None:
    def use(stream: TextIO) -> None:
        clock = Clock()
        with progress_on(Terminal.of(stream, {"TERM": "xterm"}), clock) as progress:
            work(progress, clock)

    text = on_pty(use, columns=80)
    assert "\x1b[1m[0/20] 12 running, 1 waiting, fetching 3 (0 B of 370.4 GB)\x1b[0m\r\n" in text
    assert "  \x1b[2mCompiling 本本本本本本本本本…\x1b[0m\r\n" in text
    screen = Screen(80, 24).write(text)
    assert (screen.wraps, screen.rows) == (0, [])
