"""The lines that events leave behind, the same in the live display and in plain mode; pure."""

from __future__ import annotations

from piot.cli.board import Board, Doing
from piot.cli.terminal import Style
from piot.cli.words import cells, clean, counted, duration, elapsed
from piot.model import events
from piot.model.amounts import size
from piot.model.events import Event

TAIL_LINES = 200
"""Lines of a failed action that are shown; the file with all of them is named."""


def lasting_lines(event: Event, title: str, style: Style, *, quiet: bool, verbose: bool) -> list[str]:
    """What stays on the screen because of an event; nothing for most."""
    match event:
        case events.Warning():
            return [f"{style.paint('warning:', 'warn')} {event.text}"]
        case events.Note():
            return [] if quiet else [f"note: {event.text}"]
        case events.ActionFinished(status="failed"):
            return [finished_line(event, title, style), *output_lines(event, style)]
        case events.ActionFinished(status="skipped"):
            return [finished_line(event, title, style)] if verbose else []
        case events.ActionFinished(status="ran"):
            shown = output_lines(event, style) if verbose else []
            return [] if quiet else [finished_line(event, title, style), *shown]
        case events.ActionFinished():
            return [finished_line(event, title, style)] if verbose and not quiet else []
        case _:
            return []


def finished_line(event: events.ActionFinished, title: str, style: Style) -> str:
    """``✓ //packages/python:wheel maturin build  12.3s  input changed: src/lib.rs``."""
    if event.status == "cached":
        return f"{style.tick} {title}  {style.paint('(cached)', 'dim')}"
    if event.status == "skipped":
        return f"{style.dash} {title}  skipped" + (f": {event.reason}" if event.reason else "")
    mark = style.tick if event.status == "ran" else style.cross
    reason = f"  {style.paint(event.reason, 'dim')}" if event.reason else ""
    return f"{mark} {title}  {duration(event.seconds)}{reason}"


def output_lines(event: events.ActionFinished, style: Style) -> list[str]:
    """What the action printed; of much only the end, when a log file has the rest."""
    text = clean(event.output.decode("utf-8", "replace").strip("\r\n"), color=style.color)
    lines = text.split("\n") if text else []
    if event.log_path is None or len(lines) <= TAIL_LINES:
        return lines
    left_out = counted(len(lines) - TAIL_LINES, "line")
    return [f"({left_out} before these; all: {event.log_path})", *lines[-TAIL_LINES:]]


def fetched_line(board: Board, style: Style) -> str:
    """``✓ fetched 98 files, 120.3 MB``."""
    return f"{style.tick} fetched {counted(board.fetched, 'file')}, {size(board.fetched_bytes)}"


def status_line(board: Board) -> str:
    """``[3/12] 2 running, 1 waiting, fetching 4 (12.1 MB of 80.0 MB)``."""
    parts = [
        f"{len(board.running)} running" if board.running else "",
        f"{len(board.waiting)} waiting" if board.waiting else "",
        _fetching(board),
    ]
    done = f"[{board.done}/{board.total}] " if board.total else ""
    return done + ", ".join(part for part in parts if part)


def _fetching(board: Board) -> str:
    if not board.fetching:
        return ""
    fetches = board.fetching.values()
    here = sum(fetch.bytes for fetch in fetches)
    totals = [fetch.total for fetch in fetches]
    known = sum(total for total in totals if total is not None)
    of = f" of {size(known)}" if None not in totals else ""
    return f"fetching {len(totals)} ({size(here)}{of})"


def doing_line(doing: Doing, now: float, style: Style, width: int) -> str:
    """One row of the live display, at most ``width`` columns (16 or more): title, time, last line printed."""
    time = elapsed(now - doing.since)
    title = style.fit(doing.title, width - len(time) - 6)
    last = f"waiting for {doing.waits_for}" if doing.waits_for else doing.last
    room = width - cells(title) - len(time) - 8
    tail = f"  {style.paint(style.fit(last, room), 'dim')}" if last and room > 8 else ""
    return f"  {style.dot} {title}  {time}{tail}"


def heartbeat_line(doing: Doing, now: float, style: Style) -> str:
    """A sign of life of something long in plain mode."""
    what = f"waiting for {doing.waits_for}" if doing.waits_for else "still running"
    return f"{style.dot} {doing.title}  {elapsed(now - doing.since)}, {what}"
