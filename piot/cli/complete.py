"""Answers the scripts of ``piot completion``: what could stand at the cursor. Says nothing else, ever."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from piot.app.session.where import Where
from piot.cli.cursor import Cursor, cursor
from piot.cli.terminal import write_data

Named = tuple[str, str]


def answer(arguments: Sequence[str]) -> int:
    """``SHELL WORD…``, the last word as far as it is typed; for bash ``bash LINE WORDBREAKS``.

    Prints ``words``, ``stems`` (no space follows them), ``files`` or ``folders`` (which the shell
    completes itself), then a candidate a line in the shell's own form.
    """
    try:
        shell, *words = arguments
        breaks = ""
        if shell == "bash":
            line, breaks = words
            words, quoted = split(line)
            breaks = "" if quoted else breaks
        write_data(sys.stdout, "".join(f"{line}\n" for line in _lines(shell, cursor(words), breaks)))
    except BaseException:  # noqa: BLE001 - a message would stand in the middle of what is being typed
        return 0
    return 0


def split(line: str) -> tuple[list[str], bool]:
    """A line of bash up to the cursor as words after the program, and whether the last is in open quotes."""
    for end in ("", "'", '"', "\\"):
        try:
            words = shlex.split(line + end)[1:]
        except ValueError:
            continue
        return ([*words, ""] if not end and line[-1:].isspace() else words), bool(end)
    return [""], False


def candidates(at: Cursor) -> list[Named]:
    """The words that begin like the one at the cursor, and what they mean."""
    start = at.word.lower() if at.values == "triple" else at.word
    return [each for each in at.choices or _found(at) if each[0].startswith(start)]


def _found(at: Cursor) -> Iterable[Named]:
    if not at.values:
        return ()
    from piot.app import names

    place = _where(at)
    match at.values:
        case "triple":
            return names.triples(place)
        case "profile":
            return names.profiles(place)
        case "python":
            return names.pythons()
        case "package":
            return ((f"{name}=", about) for name, about in names.packages(place))
        case "rule":
            return names.rules(place)
        case "pattern" | "program" | "test" | "wheel":
            return names.patterns(at.word, place, at.values)
        case _:
            return ()


def _where(at: Cursor) -> Where:
    directory = Path.cwd() / Path(at.directory or ".").expanduser()
    config = None if at.config is None else Path.cwd() / Path(at.config).expanduser()
    return Where(directory=Path(os.path.normpath(directory)), environ=dict(os.environ), config=config)


def _lines(shell: str, at: Cursor, breaks: str) -> Iterable[str]:
    """bash puts a candidate behind the last character that breaks words; in quotes there are none."""
    if at.values in ("file", "folder"):
        yield f"{at.values}s"
        return
    typed = at.before + at.word
    stays = max((typed.rfind(each) + 1 for each in breaks), default=0)
    yield "stems" if at.values == "package" else "words"
    for text, about in candidates(at):
        yield _form(shell, f"{at.before}{text}"[stays:], about)


def _form(shell: str, text: str, about: str) -> str:
    if shell == "fish" and about:
        return f"{text}\t{about}"
    if shell == "zsh":
        escaped = text.replace("\\", "\\\\").replace(":", "\\:")
        return f"{escaped}:{about}" if about else escaped
    return text
