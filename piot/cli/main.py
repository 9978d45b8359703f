"""``piot``: reads the command line, calls the verb, and turns every error into an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from piot import __version__
from piot.cli.invocation import Invocation
from piot.cli.parser import parse
from piot.cli.terminal import Terminal, open_streams, write_data

VERBS = {
    "build": "piot.cli.build",
    "run": "piot.cli.run",
    "develop": "piot.cli.develop",
    "test": "piot.cli.build",
    "fetch": "piot.cli.fetch",
    "query": "piot.cli.query",
    "actions": "piot.cli.actions",
    "explain": "piot.cli.explain",
    "log": "piot.cli.log",
    "toolchains": "piot.cli.toolchains",
    "rules": "piot.cli.rules",
    "init": "piot.cli.init",
    "lock": "piot.cli.lock",
    "publish": "piot.cli.publish",
    "status": "piot.cli.status",
    "cache": "piot.cli.cache",
    "check": "piot.cli.check",
    "clean": "piot.cli.clean",
    "completion": "piot.cli.completion",
    "bump": "piot.cli.bump",
    "doctor": "piot.cli.doctor",
    "plan": "piot.cli.plan",
}
"""The module of each verb; it is imported only when the verb is used, so that start-up stays fast."""

COMPLETE = "__complete"
"""The word by which the scripts of ``piot completion`` ask what could stand at the cursor; no verb."""

OBJECTS = 100_000
"""New objects between two searches for cycles: hardly any are made here, and with Python's 700 they take a
twentieth of a short run."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line and gives its exit code; prints nothing but data to stdout."""
    open_streams()
    words = tuple(sys.argv[1:] if argv is None else argv)
    if words[:1] == (COMPLETE,):
        return import_module("piot.cli.complete").answer(words[1:])  # type: ignore[no-any-return]
    gc.set_threshold(OBJECTS)
    signal.signal(signal.SIGTERM, _terminated)
    terminal = Terminal.of(sys.stderr, os.environ, "auto")
    try:
        if not words:
            return _overview()
        invocation = parse(words)
        terminal = Terminal.of(sys.stderr, os.environ, invocation.globals.color)
        return _run(invocation, terminal)
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        from piot.cli.errors_view import show_error

        return show_error(error, terminal, argv=words, environ=os.environ)


def _overview() -> int:
    """Somebody who says nothing else wants to know what can be said; a script that does is mistaken."""
    from piot.cli.help import help_text
    from piot.errors import UsageError

    sys.stderr.write(help_text())
    return UsageError.exit_code


def _run(invocation: Invocation, terminal: Terminal) -> int:
    if invocation.verb == "version":
        from piot.cli.help import version_text

        write_data(sys.stdout, version_text(__version__))
        return 0
    if invocation.verb == "help":
        from piot.cli.help import help_text

        write_data(sys.stdout, help_text(invocation.arguments[0] if invocation.arguments else None))
        return 0
    code: int = import_module(VERBS[invocation.verb]).run(invocation, terminal)
    return code


def _terminated(_number: int, _frame: object) -> None:
    """SIGTERM ends a run as Ctrl-C does: children first, then us, with what finished kept."""
    raise KeyboardInterrupt
