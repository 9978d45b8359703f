from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from piot.cli.terminal import Style, Terminal, write_data
from piot.errors import MachineError


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.skipif(sys.platform == "win32", reason="a Windows console gets neither")
@pytest.mark.parametrize(
    ("tty", "color", "environ", "live", "colored"),
    [
        (True, "auto", {}, True, True),
        (True, "auto", {"TERM": "xterm", "CI": "false", "NO_COLOR": ""}, True, True),
        (True, "auto", {"CI": "true"}, False, False),
        (True, "auto", {"NO_COLOR": "1"}, False, False),
        (True, "auto", {"TERM": "dumb"}, False, False),
        (True, "never", {}, True, False),
        (True, "always", {"CI": "1"}, False, True),
        (False, "auto", {}, False, False),
        (False, "always", {}, False, True),
        (False, "never", {}, False, False),
    ],
)
def test_colour_and_live_display_need_a_terminal_that_wants_them(
    tty: bool, color: str, environ: dict[str, str], live: bool, colored: bool
) -> None:
    terminal = Terminal.of(Tty() if tty else io.StringIO(), environ, color)
    assert (terminal.live, terminal.style.color) == (live, colored)


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    terminal = Terminal.of(stream, {})
    assert (terminal.live, terminal.size()) == (False, (80, 24))
    terminal.write("lost")


@pytest.mark.parametrize(
    ("environ", "size"),
    [
        ({}, (80, 24)),
        ({"COLUMNS": "40"}, (40, 24)),
        ({"COLUMNS": "200", "LINES": "50"}, (200, 50)),
        ({"COLUMNS": "0", "LINES": "many"}, (80, 24)),
        ({"COLUMNS": "", "LINES": "-1"}, (80, 24)),
    ],
)
def test_where_the_stream_does_not_say_the_environment_does(
    environ: dict[str, str], size: tuple[int, int]
) -> None:
    assert Terminal.of(io.StringIO(), environ).size() == size


def test_paint_adds_colour_only_when_there_is_colour() -> None:
    assert Style(color=True).paint("x", "bad") == "\x1b[31mx\x1b[0m"
    assert Style(color=True).paint("", "bad") == ""
    assert Style().paint("x", "bad") == "x"


@pytest.mark.parametrize(("encoding", "marks"), [("utf-8", "✓✗•-"), ("ascii", "+x*-"), ("cp1252", "+x*-")])
def test_marks_fit_the_encoding(encoding: str, marks: str) -> None:
    style = Terminal.of(io.TextIOWrapper(io.BytesIO(), encoding=encoding), {}).style
    assert style.tick + style.cross + style.dot + style.dash == marks


def test_what_the_encoding_lacks_is_written_as_an_escape() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write_data(stream, "dist/é.whl\n")
    assert raw.getvalue() == b"dist/\\xe9.whl\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_is_an_error_for_data_and_nothing_for_diagnostics() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full, pytest.raises(MachineError) as raised:
        write_data(full, "data\n")
    assert str(raised.value) == (
        "cannot write to stdout: No space left on device\n\n"
        "hint: the output so far is not complete; make room, or send it elsewhere"
    )
    with open("/dev/full", "w", encoding="utf-8") as full:
        Terminal.of(full, {}).write("words\n")


def test_a_reader_that_went_away_ends_writing_without_a_word() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as stream:
        write_data(stream, "data\n")
        write_data(stream, "more\n")


def test_python_does_not_complain_at_its_end_about_a_reader_that_went_away() -> None:
    program = (
        "import os, sys; from piot.cli.terminal import write_data\n"
        "sys.stdin.readline()\n"
        "write_data(sys.stdout, 'data\\n')"
    )
    command = [sys.executable, "-c", program]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=_with_path()) as process:
        assert process.stdout and process.stdin and process.stderr
        process.stdout.close()
        process.stdin.write(b"\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def _with_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
