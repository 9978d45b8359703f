"""Every way a run can end badly, and the exit code of each.

Three families: the user's input (2, 3), the machine (5), and a bug of ours (70). A message says
what, where and what next; hints stand after a blank line as ``hint: …``. Nothing else in piot
prints or exits.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


class PiotError(Exception):
    """Base of everything that ends a run with one clear message.

    ``hint`` is the next step, shown after a blank line.
    """

    exit_code = 70

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n\nhint: {self.hint}" if self.hint else self.message


class ActionFailed(PiotError):
    """An action or a test failed."""

    exit_code = 1


class UsageError(PiotError):
    """The command line cannot be carried out as written."""

    exit_code = 2


class InputError(PiotError):
    """Configuration, BUILD file, rule file or manifest is wrong."""

    exit_code = 3


class MachineError(PiotError):
    """The machine lacks something: a tool, a toolchain, a runner, the network, disk space."""

    exit_code = 5


class Interrupted(PiotError):
    """Ctrl-C or SIGTERM: children were ended; what finished stays cached."""

    exit_code = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding in an input file, or in what git keeps: then ``path`` is empty.

    ``line`` and ``column`` count from 1; 0 when the whole file is meant. ``code`` is stable
    (``PIOT_…``) and documented in ``docs/reference/codes.md``.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        text = f"{where}: {self.code}: {self.message}" if where else f"{self.code}: {self.message}"
        return f"{text}\n    hint: {self.hint}" if self.hint else text


class Problems(InputError):
    """All problems of the input, shown in one go."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            sorted(problems, key=lambda p: (p.path, p.line, p.column, p.code))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@contextmanager
def of_command_line() -> Generator[None, None, None]:
    """What is wrong with a value is a mistake on the command line, since it was given there."""
    try:
        yield
    except Problems:
        raise
    except InputError as error:
        raise UsageError(error.message, hint=error.hint) from error


def near(name: str, known: Iterable[str]) -> str | None:
    """``did you mean "x"?`` for the nearest of ``known``, or None when nothing is near."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'did you mean "{found[0]}"?' if found else None


def listed(names: Sequence[str], *, limit: int = 12) -> str:
    """``a, b and c`` for messages; at most ``limit`` names, then how many more there are."""
    shown = list(names[:limit])
    if len(names) > limit:
        shown.append(f"{len(names) - limit} more")
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
