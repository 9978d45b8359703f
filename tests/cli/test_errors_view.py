from __future__ import annotations

import errno
import io
import platform
from pathlib import Path

import pytest

from piot import __version__
from piot.cli.errors_view import show_error
from piot.cli.terminal import Style, Terminal
from piot.errors import ActionFailed, InputError, Interrupted, MachineError, Problem, Problems, UsageError


def shown(
    error: BaseException, environ: dict[str, str] | None = None, *, color: bool = False
) -> tuple[int, str]:
    stream = io.StringIO()
    terminal = Terminal(stream=stream, style=Style(color=color), live=False)
    code = show_error(error, terminal, argv=["build", "//a b"], environ=environ or {})
    return code, stream.getvalue()


PROBLEMS = [
    Problem(path="b.toml", line=3, column=1, code="PIOT_X", message="no", hint="yes"),
    Problem(path="a.toml", line=0, column=0, code="PIOT_Y", message="empty"),
]


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UsageError("no verb", hint="see: piot help"), 2, "error: no verb\n\nhint: see: piot help\n"),
        (InputError("wrong"), 3, "error: wrong\n"),
        (ActionFailed("it failed"), 1, "error: it failed\n"),
        (MachineError("no zig", hint="get it"), 5, "error: no zig\n\nhint: get it\n"),
        (Interrupted("stopped"), 130, "error: stopped\n"),
        (
            KeyboardInterrupt(),
            130,
            "error: interrupted\n\nhint: what finished stays cached; the same command goes on from there\n",
        ),
        (
            Problems(PROBLEMS),
            3,
            "a.toml: PIOT_Y: empty\nb.toml:3:1: PIOT_X: no\n    hint: yes\n\nerror: 2 problems found\n",
        ),
        (Problems(PROBLEMS[1:]), 3, "a.toml: PIOT_Y: empty\n\nerror: 1 problem found\n"),
        (
            OSError(errno.EACCES, "Permission denied", "/x/y"),
            5,
            "error: cannot use /x/y: Permission denied\n\n"
            "hint: change its permissions, or point PIOT_CACHE_DIR at a folder you may write to\n",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            5,
            "error: cannot use a file: No space left on device\n\n"
            "hint: free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk\n",
        ),
    ],
)
def test_an_error_is_a_message_a_hint_and_a_code(error: BaseException, code: int, text: str) -> None:
    assert shown(error) == (code, text)


def test_colour_marks_the_words_that_lead_the_lines() -> None:
    _, text = shown(UsageError("no", hint="yes"), color=True)
    assert text == "\x1b[31merror:\x1b[0m no\n\n\x1b[1mhint:\x1b[0m yes\n"


def raised() -> KeyError:
    try:
        raise KeyError("x")
    except KeyError as error:
        return error


def test_a_bug_of_ours_keeps_its_traceback_in_a_file(tmp_path: Path) -> None:
    code, text = shown(raised(), {"PIOT_CACHE_DIR": str(tmp_path)})
    (saved,) = (tmp_path / "bugs").iterdir()
    assert code == 70
    assert text == (
        "error: this is a bug of piot, please report it: KeyError: 'x'\n\n"
        f"hint: send this file with the report: {saved}\n"
    )
    first, second, empty, third, *_, last = saved.read_text("utf-8").splitlines()
    assert first == f"piot {__version__}, Python {platform.python_version()}, {platform.platform()}"
    assert (second, empty) == ("piot build '//a b'", "")
    assert (third, last) == ("Traceback (most recent call last):", "KeyError: 'x'")


def test_a_file_that_is_not_there_and_that_nobody_expected_is_a_bug(tmp_path: Path) -> None:
    code, text = shown(
        FileNotFoundError(errno.ENOENT, "No such file", "x"), {"PIOT_CACHE_DIR": str(tmp_path)}
    )
    assert code == 70
    assert text.startswith("error: this is a bug of piot, please report it: FileNotFoundError: [Errno 2]")


def test_a_traceback_that_cannot_be_kept_is_shown(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, text = shown(RuntimeError(), {"PIOT_CACHE_DIR": str(tmp_path / "file")})
    assert code == 70
    assert text.startswith("error: this is a bug of piot, please report it: RuntimeError\n\npiot ")
    assert text.endswith("RuntimeError\n")
