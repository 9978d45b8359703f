"""How a run that ends badly says so, and the exit code it ends with."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path

from piot.cli.terminal import Style, Terminal
from piot.errors import Interrupted, PiotError, Problems

BUG = PiotError.exit_code

MACHINE_ERRNOS = frozenset(
    (
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO),
        *(errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    )
)
"""What the system refuses whoever asks; other OSErrors that nobody explained are our mistakes."""


def show_error(
    error: BaseException, terminal: Terminal, *, argv: Sequence[str], environ: Mapping[str, str]
) -> int:
    """Says what ended the run on stderr and returns the exit code.

    A PiotError is a message with a next step. Ctrl-C is 130. A full disk and its like are the
    machine's, wherever they are met; anything else is a bug of ours (70), whose traceback goes into a file.
    """
    known = _known(error)
    if known is not None:
        terminal.write(error_text(known, terminal.style))
        if terminal.github:
            from piot.cli.github import error_annotations

            terminal.write("".join(f"{line}\n" for line in error_annotations(known)))
        return known.exit_code
    record = bug_record(error, argv)
    terminal.write(bug_text(error, record, save_record(record, environ), terminal.style))
    return BUG


def _known(error: BaseException) -> PiotError | None:
    if isinstance(error, PiotError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(
            "interrupted", hint="what finished stays cached; the same command goes on from there"
        )
    if isinstance(error, OSError) and error.errno in MACHINE_ERRNOS:
        from piot.effects.trouble import refused

        return refused(error, "use", error.filename or "a file")
    return None


def error_text(error: PiotError, style: Style) -> str:
    """``error: message``, a blank line, ``hint: next step``.

    Problems of files stand as they are, so that editors find ``file:line:column`` at the start.
    """
    mark = style.paint("error:", "bad")
    if isinstance(error, Problems):
        number = len(error.problems)
        return f"{error.message}\n\n{mark} {number} {'problem' if number == 1 else 'problems'} found\n"
    hint = f"\n{style.paint('hint:', 'bold')} {error.hint}\n" if error.hint else ""
    return f"{mark} {error.message}\n{hint}"


def bug_text(error: BaseException, record: str, saved: Path | None, style: Style) -> str:
    """Words for a bug of ours; the record itself where no file could be written."""
    said = str(error).split("\n")[0]
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    head = f"{style.paint('error:', 'bad')} this is a bug of piot, please report it: {what}\n"
    if saved is None:
        return f"{head}\n{record}"
    return f"{head}\n{style.paint('hint:', 'bold')} send this file with the report: {saved}\n"


def bug_record(error: BaseException, argv: Sequence[str]) -> str:
    """All that a report needs: version, Python, system, command line, traceback; no environment."""
    import platform
    import shlex
    import traceback

    from piot import __version__

    return (
        f"piot {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
        f"piot {shlex.join(argv)}\n\n{''.join(traceback.format_exception(error))}"
    )


def save_record(record: str, environ: Mapping[str, str]) -> Path | None:
    """Keeps the record in the cache folder's ``bugs``; None where that cannot be written."""
    from piot.effects import files, host

    try:
        path = host.cache_dir(environ) / "bugs" / f"{files.unique()}.txt"
        files.write_atomic(path, record.encode("utf-8", "backslashreplace"))
    except (OSError, PiotError):
        return None
    return path
