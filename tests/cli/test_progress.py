from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterable
from typing import TextIO

import pytest

from piot.cli.progress import LiveProgress, Progress, progress_on
from piot.cli.terminal import Style, Terminal
from piot.model import events
from piot.model.events import Event
from tests.support.terminal import Screen, on_pty

WHEEL = "//packages/python:wheel"
COMPILE_ERROR = (
    b"\x1b[1m\x1b[91merror\x1b[0m: no field\nCompiling 10%\rCompiling 100%\n\x1b[2Jat src/lib.rs\n"
)


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


STORY: tuple[Event | float, ...] = (
    events.BuildStarted(total=5),
    events.Note(text="bubblewrap does not work here, dir is used"),
    events.ActionFinished(id="0", status="cached", label="//packages/rust:crate"),
    events.FetchStarted(name="serde", bytes=0, total=2_000_000),
    events.FetchProgress(name="serde", bytes=1_000_000, total=2_000_000),
    events.ActionStarted(id="1", description="maturin build", mnemonic="Maturin", label=WHEEL),
    events.Waiting(id="2", for_what="another piot", label="//crates/cli:cli"),
    0.5,
    events.ActionOutput(id="1", text="   Compiling a v1.0\n   \x1b[32mCompiling\x1b[0m b v2.0\n"),
    12.0,
    events.FetchFinished(name="serde", bytes=2_000_000, total=2_000_000),
    events.ActionFinished(
        id="1", status="ran", seconds=12.3, reason="input changed: src/lib.rs", output=b"fine\n"
    ),
    events.ActionStarted(id="2", label="//crates/cli:cli"),
    events.Warning(text="two rustc versions"),
    31.0,
    events.ActionFinished(
        id="2", status="failed", seconds=31.0, reason="exit code 101", log_path="l.log", output=COMPILE_ERROR
    ),
    events.ActionFinished(id="3", status="skipped", label="//:x", reason="//crates/cli:cli failed"),
)


def tell(progress: Progress, clock: Clock, story: Iterable[Event | float]) -> None:
    """Sends the events; a number moves the clock on and lets the timer fire once."""
    for step in story:
        if isinstance(step, int | float):
            clock.now += step
            progress.tick()
        else:
            progress.emit(step)


@pytest.fixture(autouse=True)
def timer_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Progress, "period", 3600.0)
    monkeypatch.setattr(LiveProgress, "period", 3600.0)


def plain(story: Iterable[Event | float], *, quiet: bool = False, verbose: bool = False) -> str:
    stream, clock = io.StringIO(), Clock()
    with progress_on(Terminal.of(stream, {}), clock, quiet=quiet, verbose=verbose) as progress:
        tell(progress, clock, story)
    return stream.getvalue()


PLAIN = """\
note: bubblewrap does not work here, dir is used
• //packages/python:wheel maturin build  started
✓ //packages/python:wheel maturin build  12.3s  input changed: src/lib.rs
• //crates/cli:cli  started
warning: two rustc versions
• //crates/cli:cli  31s, still running
✗ //crates/cli:cli  31.0s  exit code 101
error: no field
Compiling 100%
at src/lib.rs
✓ fetched 1 file, 2.0 MB
"""

VERBOSE = """\
note: bubblewrap does not work here, dir is used
✓ //packages/rust:crate  (cached)
• //packages/python:wheel maturin build  started
✓ //packages/python:wheel maturin build  12.3s  input changed: src/lib.rs
fine
• //crates/cli:cli  started
warning: two rustc versions
• //crates/cli:cli  31s, still running
✗ //crates/cli:cli  31.0s  exit code 101
error: no field
Compiling 100%
at src/lib.rs
- //:x  skipped: //crates/cli:cli failed
✓ fetched 1 file, 2.0 MB
"""

QUIET = """\
warning: two rustc versions
✗ //crates/cli:cli  31.0s  exit code 101
error: no field
Compiling 100%
at src/lib.rs
"""


@pytest.mark.parametrize(
    ("quiet", "verbose", "text"), [(False, False, PLAIN), (False, True, VERBOSE), (True, False, QUIET)]
)
def test_a_build_through_a_pipe_reads_like_this(quiet: bool, verbose: bool, text: str) -> None:
    assert plain(STORY, quiet=quiet, verbose=verbose) == text


def test_what_waits_for_long_says_for_what() -> None:
    story = (events.Waiting(id="1", for_what="another piot", label="//:a"), 29.0, 1.0, 29.0, 1.5)
    assert plain(story) == (
        "• //:a  30s, waiting for another piot\n• //:a  1m 00s, waiting for another piot\n"
    )


def test_a_running_action_that_comes_to_wait_is_shown_once() -> None:
    story = (
        events.ActionStarted(id="1", label="//:a"),
        events.Waiting(id="1", for_what="another piot"),
        30.0,
        events.ActionStarted(id="1"),
        30.0,
        events.ActionFinished(id="1", status="ran", seconds=60),
    )
    assert plain(story) == (
        "• //:a  started\n"
        "• //:a  30s, waiting for another piot\n"
        "• //:a  started\n"
        "• //:a  30s, still running\n"
        "✓ //:a  1m 00s\n"
    )


def test_of_long_output_the_end_is_shown_and_the_file_with_all_of_it() -> None:
    output = "".join(f"line {number}\n" for number in range(1, 1235)).encode()
    failed = events.ActionFinished(
        id="1", status="failed", seconds=1, label="//:a", log_path=".piot/a.log", output=output
    )
    shown = plain([failed]).splitlines()
    assert shown[:3] == ["✗ //:a  1.0s", "(1034 lines before these; all: .piot/a.log)", "line 1035"]
    assert (len(shown), shown[-1]) == (202, "line 1234")


def test_output_without_a_log_file_is_shown_whole() -> None:
    output = b"line\n" * 300
    failed = events.ActionFinished(id="//:a", status="failed", seconds=1, output=output)
    assert plain([failed]) == "✗ //:a  1.0s\n" + "line\n" * 300


def test_output_that_is_no_text_is_shown_as_far_as_it_is() -> None:
    failed = events.ActionFinished(id="a", status="failed", output=b"\xff\xfe and more")
    assert plain([failed]) == "✗ a  0.0s\n�� and more\n"


@pytest.mark.parametrize(
    ("label", "description", "title"),
    [
        ("//:a", "", "//:a"),
        ("", "compile serde", "compile serde"),
        ("//:a", "build //:a with cargo", "build //:a with cargo"),
        ("", "", "id"),
        ("//:a", "x\x1b[2J\ny", "//:a x y"),
    ],
)
def test_an_action_has_a_title_whatever_is_known_of_it(label: str, description: str, title: str) -> None:
    finished = events.ActionFinished(id="id", status="cached", label=label, description=description)
    assert plain([finished], verbose=True) == f"✓ {title}  (cached)\n"
    assert plain([finished]) == ""  # the summary counts them


def test_a_download_that_broke_off_is_not_counted() -> None:
    story = (
        events.FetchStarted(name="a", total=10),
        events.FetchFinished(name="a", bytes=3, total=10),
        events.FetchFinished(name="b", bytes=10),
    )
    assert plain(story) == "✓ fetched 1 file, 10 B\n"


def test_closing_twice_and_not_starting_a_thread_for_what_is_cached() -> None:
    stream, before = io.StringIO(), threading.active_count()
    progress = Progress(Terminal.of(stream, {}), Clock())
    progress.emit(events.ActionFinished(id="//:a", status="cached"))
    assert threading.active_count() == before
    progress.emit(events.FetchStarted(name="a"))
    assert threading.active_count() == before + 1
    progress.emit(events.FetchFinished(name="a", bytes=1))
    progress.close()
    progress.close()
    assert threading.active_count() == before
    assert stream.getvalue() == "✓ fetched 1 file, 1 B\n"


def test_events_of_many_threads_are_all_shown_on_lines_of_their_own() -> None:
    stream = io.StringIO()
    with Progress(Terminal.of(stream, {}), Clock()) as progress:

        def work(thread: int) -> None:
            for number in range(50):
                name = f"{thread}-{number}"
                progress.emit(events.ActionStarted(id=name))
                progress.emit(events.ActionFinished(id=name, status="ran"))

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = sorted(stream.getvalue().splitlines())
    names = [f"{thread}-{number}" for thread in range(4) for number in range(50)]
    assert lines == sorted([f"• {name}  started" for name in names] + [f"✓ {name}  0.0s" for name in names])


def live(story: Iterable[Event | float], *, color: str = "never", columns: int = 80, lines: int = 24) -> str:
    def use(stream: TextIO) -> None:
        clock = Clock()
        terminal = Terminal.of(stream, {"TERM": "xterm"}, color)
        with progress_on(terminal, clock) as progress:
            assert isinstance(progress, LiveProgress)
            tell(progress, clock, story)

    return on_pty(use, columns=columns, lines=lines).replace("\r\n", "\n")


def shown(text: str) -> list[str]:
    return Screen(80, 24).write(text.replace("\n", "\r\n")).rows


LIVE = (
    "note: bubblewrap does not work here, dir is used\n"
    # first frame
    "[1/5] 1 running, 1 waiting, fetching 1 (1.0 MB of 2.0 MB)\n"
    "  • //packages/python:wheel maturin build  0s\n"
    "  • //crates/cli:cli  0s  waiting for another piot\n"
    # second
    "\x1b[3A\r\x1b[0J"
    "[1/5] 1 running, 1 waiting, fetching 1 (1.0 MB of 2.0 MB)\n"
    "  • //packages/python:wheel maturin build  12s  Compiling b v2.0\n"
    "  • //crates/cli:cli  12s  waiting for another piot\n"
    # third, under the lines that last
    "\x1b[3A\r\x1b[0J"
    "✓ //packages/python:wheel maturin build  12.3s  input changed: src/lib.rs\n"
    "warning: two rustc versions\n"
    "[2/5] 1 running\n"
    "  • //crates/cli:cli  31s\n"
    # the end leaves no frame
    "\x1b[2A\r\x1b[0J"
    "✗ //crates/cli:cli  31.0s  exit code 101\n"
    "error: no field\n"
    "Compiling 100%\n"
    "at src/lib.rs\n"
    "✓ fetched 1 file, 2.0 MB\n"
)


def test_a_build_on_a_terminal_is_drawn_in_place() -> None:
    assert live(STORY) == LIVE


def test_after_a_live_display_the_screen_holds_only_what_lasts() -> None:
    started = [line for line in PLAIN.splitlines() if not line.startswith("•")]
    assert shown(live(STORY)) == started


def test_a_failing_action_keeps_its_own_colours_on_a_terminal() -> None:
    failed = events.ActionFinished(id="//:a", status="failed", seconds=1, reason="no", output=COMPILE_ERROR)
    assert live([failed], color="auto") == (
        "\x1b[31m✗\x1b[0m //:a  1.0s  \x1b[2mno\x1b[0m\n"
        "\x1b[1m\x1b[91merror\x1b[0m: no field\nCompiling 100%\nat src/lib.rs\x1b[0m\n"
    )


def test_rows_fit_the_terminal() -> None:
    starts = [
        events.ActionStarted(id=str(number), label=f"//a/long/way/down:target-{number}")
        for number in range(20)
    ]
    said = events.ActionOutput(id="0", text="Compiling something with a long name v1.0.0\n")
    text = live([*starts, said, 1.0], columns=50, lines=8)
    assert text.split("\x1b", 1)[0] == (
        "20 running\n"
        "  • //a/long/way/down:target-0  1s  Compiling so…\n"
        "  • //a/long/way/down:target-1  1s\n"
        "  • //a/long/way/down:target-2  1s\n"
        "  • //a/long/way/down:target-3  1s\n"
        "  • //a/long/way/down:target-4  1s\n"
        "    and 15 more\n"
    )
    narrow = live([*starts[:1], said, 1.0], columns=20, lines=8)
    assert narrow.split("\x1b", 1)[0] == "1 running\n  • //a/long/w…  1s\n"


def test_a_title_of_several_lines_does_not_break_the_frame() -> None:
    text = live([events.ActionStarted(id="1", description="one\ntwo"), 1.0])
    assert text == "1 running\n  • one two  1s\n\x1b[2A\r\x1b[0J"


def test_the_timer_draws_by_itself_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveProgress, "period", 0.01)
    before = threading.active_count()

    def use(stream: TextIO) -> None:
        terminal = Terminal(stream=stream, style=Style(), live=True)
        with progress_on(terminal, Clock()) as progress:
            progress.emit(events.ActionStarted(id="//:a"))
            deadline = time.monotonic() + 10
            while getattr(progress, "_drawn") == 0 and time.monotonic() < deadline:  # noqa: B009
                time.sleep(0.005)

    text = on_pty(use).replace("\r\n", "\n")
    assert text.startswith("1 running\n  • //:a  0s\n")
    assert shown(text) == []
    assert threading.active_count() == before


def test_a_terminal_is_left_clean_when_the_build_breaks() -> None:
    def use(stream: TextIO) -> None:
        clock = Clock()
        with (
            pytest.raises(KeyboardInterrupt),
            progress_on(Terminal(stream=stream, style=Style(), live=True), clock) as progress,
        ):
            tell(progress, clock, [events.ActionStarted(id="//:a"), 1.0])
            raise KeyboardInterrupt

    assert Screen(80, 24).write(on_pty(use)).rows == []


def test_quiet_is_plain_on_a_terminal_too() -> None:
    terminal = Terminal(stream=io.StringIO(), style=Style(), live=True)
    assert type(progress_on(terminal, Clock(), quiet=True)) is Progress


def test_actions_for_several_pythons_say_which() -> None:
    clock, stream = Clock(), io.StringIO()
    names = [f"//py:wheel@triple=x86_64-unknown-linux-gnu,python={python}" for python in ("3.12", "pypy3.11")]
    story: list[Event | float] = [
        events.ActionStarted(id=names[0], description="build", label="//py:wheel"),
        events.ActionStarted(id=f"{names[1]}#layer", description="build", label="//py:wheel"),
        events.ActionFinished(
            id=names[0], status="ran", seconds=2.0, reason="", label="//py:wheel", output=b""
        ),
    ]
    with Progress(Terminal(stream=stream, style=Style(), live=False), clock) as progress:
        tell(progress, clock, story)
    assert stream.getvalue().splitlines()[:2] == [
        "• //py:wheel@python=3.12 build  started",
        "• //py:wheel@python=pypy3.11 build  started",
    ]
