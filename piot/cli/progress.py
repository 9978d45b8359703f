"""What runs, shown while it runs: drawn in place on a terminal, line by line anywhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from piot.cli.board import Board
from piot.cli.lines import doing_line, fetched_line, heartbeat_line, lasting_lines, status_line
from piot.cli.terminal import Terminal
from piot.model import events
from piot.model.events import Event

REDRAW_SECONDS = 0.1
"""Ten frames a second look alive and cost nothing noticeable."""

HEARTBEAT_SECONDS = 30.0
"""CI systems take a job for dead after minutes of silence; readers of a log lose patience sooner."""

CHECK_SECONDS = 1.0
MOST_ROWS = 10
LEAST_COLUMNS = 17
"""With fewer there is no room for a letter of a title beside the time, and nothing is drawn in place."""


class Progress:
    """Takes events from any thread and shows them as plain lines; ``emit`` may be handed on as Emit.

    Use as a context manager, or call ``close`` at the end; what is lasting is on the screen then, and
    no thread is left. ``clock`` counts seconds, from whenever.
    """

    period = CHECK_SECONDS
    says_starts = True

    def __init__(
        self, terminal: Terminal, clock: Callable[[], float], *, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.terminal = terminal
        self.clock = clock
        self.quiet = quiet
        self.verbose = verbose
        self.board = Board()
        self._lock = threading.RLock()
        self._end = threading.Event()
        self._timer: threading.Thread | None = None

    def emit(self, event: Event) -> None:
        """Shows an event, now or with the next frame; from any thread."""
        with self._lock:
            lines = self._lines(event)
            self.board.apply(event, self.clock())
            self._show(lines)
            if self.board.busy and self._timer is None and not self.quiet:
                self._start()

    def tick(self) -> None:
        """What is due by time alone; the timer's thread calls it."""
        with self._lock:
            now = self.clock()
            for doing in () if self.quiet else self.board.going_on():
                if now - doing.told >= HEARTBEAT_SECONDS:
                    doing.told = now
                    self._write([heartbeat_line(doing, now, self.terminal.style)])

    def close(self) -> None:
        """Ends the timer and says what was fetched; a second call does nothing."""
        if self._end.is_set():
            return
        self._end.set()
        if self._timer is not None:
            self._timer.join()
        with self._lock:
            self._finish([fetched_line(self.board, self.terminal.style)] if self._fetched else [])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _fetched(self) -> bool:
        return bool(self.board.fetched) and not self.quiet

    def _lines(self, event: Event) -> list[str]:
        style, title = self.terminal.style, self.board.title(event)
        if isinstance(event, events.ActionStarted):
            return [f"{style.dot} {title}  started"] if self.says_starts and not self.quiet else []
        return lasting_lines(event, title, style, quiet=self.quiet, verbose=self.verbose)

    def _show(self, lines: list[str]) -> None:
        self._write(lines)

    def _finish(self, lines: list[str]) -> None:
        self._write(lines)

    def _write(self, lines: list[str]) -> None:
        if lines:
            self.terminal.write("\n".join(lines) + "\n")

    def _start(self) -> None:
        self._timer = threading.Thread(target=self._run, name="piot-progress", daemon=True)
        self._timer.start()

    def _run(self) -> None:
        while not self._end.wait(self.period):
            self.tick()


class LiveProgress(Progress):
    """The same on a terminal: finished actions leave a line, what goes on is drawn below them.

    What is drawn fits, or erasing it would leave some. What lasts is whole, however narrow the terminal is.
    """

    period = REDRAW_SECONDS
    says_starts = False

    def __init__(
        self, terminal: Terminal, clock: Callable[[], float], *, quiet: bool = False, verbose: bool = False
    ) -> None:
        super().__init__(terminal, clock, quiet=quiet, verbose=verbose)
        self._pending: list[str] = []
        self._drawn = 0

    def tick(self) -> None:
        """Draws a frame: lasting lines that came since the last one, then what goes on."""
        with self._lock:
            self._draw(self._frame() if self.board.busy else [])

    def _show(self, lines: list[str]) -> None:
        self._pending += lines
        if self._timer is None and lines:
            self._draw([])

    def _finish(self, lines: list[str]) -> None:
        self._pending += lines
        self._draw([])

    def _draw(self, frame: list[str]) -> None:
        """Cursor up over the last frame, erase to the end of the screen (ECMA-48 CUU, ED), write.

        Some terminals wrap rows that became too long for them, and keep a row or two of the last frame
        then. Going up further would take what lasts from those that do not.
        """
        erase = f"\x1b[{self._drawn}A\r\x1b[0J" if self._drawn else ""
        text = erase + "".join(f"{line}\n" for line in (*self._pending, *frame))
        self._pending, self._drawn = [], len(frame)
        if text:
            self.terminal.write(text)

    def _frame(self) -> list[str]:
        now, style = self.clock(), self.terminal.style
        columns, lines = self.terminal.size()
        if columns < LEAST_COLUMNS:
            return []
        width, doing = columns - 1, self.board.going_on()
        rows = max(1, min(MOST_ROWS, lines - 3))
        shown = [doing_line(one, now, style, width) for one in doing[:rows]]
        more = [style.fit(f"    and {len(doing) - rows} more", width)] if len(doing) > rows else []
        status = style.paint(style.fit(status_line(self.board), width), "bold")
        return [status, *shown, *more][: lines - 1]


def progress_on(
    terminal: Terminal, clock: Callable[[], float], *, quiet: bool = False, verbose: bool = False
) -> Progress:
    """The display that fits: live on a terminal that can, plain lines otherwise and when quiet."""
    kind: type[Progress] = LiveProgress if terminal.live and not quiet else Progress
    if terminal.github:
        from piot.cli.github_step import GithubProgress

        kind = GithubProgress
    return kind(terminal, clock, quiet=quiet, verbose=verbose)
