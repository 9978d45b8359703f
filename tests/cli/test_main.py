"""piot as a process whose streams are terminals, closed, full, or read by somebody who goes away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.checkout import HOST, ROOT, Checkout, MakeCheckout, command
from tests.support.terminal import Screen, open_pty, read_all

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and sh are POSIX's")

COUNT = 3000
BUILD = command("slow", "echo Compiling; sleep 0.4; cp in slow", srcs=["in"], outputs=("slow",)) + command(
    "a-target-with-quite-a-long-name-of-its-own",
    "sleep 0.3; cp $(location :slow) b",
    outputs=("b",),
    deps=[":slow"],
)
MANY = f'[command(name = "many-%d" % each, argv = ["x"], outputs = ["o"]) for each in range({COUNT})]\n'


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("in", "1")
    return made


def environment(checkout: Checkout, **more: str) -> dict[str, str]:
    python = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PIOT_SANDBOX": "dir"}
    return {**checkout.environ, **python, "TERM": "xterm", "LC_ALL": "C.UTF-8", **more}


def on_terminal(
    checkout: Checkout, *words: str, columns: int = 80, environ: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Exit code, and what was written to the terminal that both streams are."""
    ours, its = open_pty(columns, 24)
    program = [sys.executable, "-m", "piot", *words]
    with subprocess.Popen(
        program,
        cwd=checkout.root,
        env=environment(checkout, **(environ or {})),
        stdin=its,
        stdout=its,
        stderr=its,
    ) as process:
        os.close(its)
        said = read_all(ours)
    return process.returncode, said


def shell(checkout: Checkout, redirection: str, *words: str, before: str = "exec") -> tuple[int, str, str]:
    """Exit code, stdout and stderr of piot, started by a shell with a redirection."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'{before} "$@" {redirection}', "sh", sys.executable, "-m", "piot", *words],
        cwd=checkout.root,
        env=environment(checkout),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def plain(text: str) -> str:
    return re.sub(r'\d+\.\ds|(?<="seconds": )[0-9.e-]+', "TIME", text).replace(HOST, "HOST")


NAME = "//:a-target-with-quite-a-long-name-of-its-own"
SAID = f"""\
✓ //:slow command sh  TIME  not built here before
✓ {NAME} command sh  TIME  not built here before
built 2 in TIME; actions: 2 run
dist/HOST/b
dist/HOST/slow
"""


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_a_build_on_a_terminal_leaves_what_lasts(checkout: Checkout, columns: int) -> None:
    code, said = on_terminal(checkout, "build", "//:all", columns=columns)
    frames = re.split(r"\x1b\[\d+A\r\x1b\[0J", said)[:-1]
    assert (code, bool(frames)) == (0, True)
    shown = Screen(columns, 24).write(said).rows
    assert plain("".join(shown)).replace(" ", "") == SAID.replace("\n", "").replace(" ", "")
    for frame in frames:
        rows = [row for row in frame.split("\r\n") if "✓" not in row]
        screen = Screen(columns, 24).write("\r\n".join(rows))
        assert screen.wraps == 0, frame


COLOURS = re.compile(r"\x1b\[[0-9;]*m")
DRAWING = re.compile(r"\x1b\[\d+A")


@pytest.mark.parametrize(
    ("words", "more", "colours", "drawing"),
    [
        ((), {}, True, True),
        ((), {"CI": "true"}, False, False),
        ((), {"NO_COLOR": "1"}, False, False),
        ((), {"TERM": "dumb"}, False, False),
        (("--color", "never"), {}, False, True),
        (("--color", "always"), {"CI": "true"}, True, False),
        (("--color", "always"), {"TERM": "dumb", "NO_COLOR": "1"}, True, False),
        (("-q",), {}, False, False),
    ],
)
def test_colours_and_drawing_are_there_where_they_are_wanted(
    checkout: Checkout, words: tuple[str, ...], more: dict[str, str], colours: bool, drawing: bool
) -> None:
    code, said = on_terminal(checkout, *words, "build", "//:slow", environ=more)
    assert (code, bool(COLOURS.search(said)), bool(DRAWING.search(said))) == (0, colours, drawing), said
    assert said.endswith("/slow\r\n")


VERBS = [
    (("--version",), 0),
    (("query", "//:all"), 0),
    (("actions", "//:all"), 0),
    (("build", "//:all"), 0),
    (("--json", "build", "//:all"), 0),
    (("__complete", "build", "//:"), 0),
    (("build", "//:absent"), 2),
]
IDS = [" ".join(words) for words, _ in VERBS]


@pytest.mark.parametrize(("words", "code"), VERBS, ids=IDS)
def test_streams_that_are_closed_from_the_start_change_nothing_else(
    checkout: Checkout, words: tuple[str, ...], code: int
) -> None:
    checkout.write("BUILD", BUILD.replace("sleep", ": sleep"))
    assert shell(checkout, "<&- >&- 2>&-", *words) == (code, "", "")
    ended, out, err = shell(checkout, "", *words)
    assert ended == code
    assert plain(shell(checkout, "2>&-", *words)[1]) == plain(out)
    assert plain(shell(checkout, ">&-", *words)[2]) == plain(err)


FULL = """\
error: cannot write to stdout: No space left on device

hint: the output so far is not complete; make room, or send it elsewhere
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
@pytest.mark.parametrize("words", [words for words, _ in VERBS if words[0] != "__complete"])
def test_a_full_disk_is_exit_5_for_data_and_nothing_for_the_rest(
    checkout: Checkout, words: tuple[str, ...]
) -> None:
    checkout.write("BUILD", BUILD.replace("sleep", ": sleep"))
    shell(checkout, "", "build", "//:all")
    code, out, err = shell(checkout, "", *words)
    assert plain(shell(checkout, "2>/dev/full", *words)[1]) == plain(out)
    full, _, said = shell(checkout, ">/dev/full", *words)
    assert (full, plain(said)) == ((5, plain(err) + FULL) if out else (code, plain(err)))
    assert shell(checkout, ">/dev/full 2>/dev/full", *words)[0] == full


def test_a_reader_that_goes_away_ends_nothing_and_hears_no_complaint(checkout: Checkout) -> None:
    checkout.write("BUILD", MANY)
    first_line = '; echo $? >code) 2>errors | { read line; echo "$line"; }'
    assert shell(checkout, first_line, "query", "//:all", before="(") == (0, "//:many-0\n", "")
    assert [(checkout.root / name).read_text() for name in ("code", "errors")] == ["0\n", ""]
    with checkout.start("query", "//:all") as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        process.stderr.close()
    assert process.returncode == 0
