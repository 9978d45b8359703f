"""The flags of the command line, declared once as data for the parser and the help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.model.amounts import bytes_of

Value: TypeAlias = str | int | bool | tuple[str, ...] | None
Values: TypeAlias = Literal[
    "",
    "file",
    "folder",
    "package",
    "pattern",
    "profile",
    "program",
    "python",
    "rule",
    "test",
    "triple",
    "verb",
    "wheel",
]
"""What a word stands for, so that shells can complete it; nothing is offered for the empty one."""


def text(value: str) -> str:
    """Any text that is not empty."""
    if not value:
        raise ValueError("is empty")
    return value


def count(value: str) -> int:
    """A whole number of at least 1."""
    if not (value.isascii() and value.isdecimal() and int(value) >= 1):
        raise ValueError("is not a whole number of at least 1")
    return int(value)


def size(value: str) -> int:
    """Bytes, as ``500M``, ``20GB`` or ``20GiB``."""
    found = bytes_of(value)
    if found is None:
        raise ValueError("is not a size like 500M or 20G")
    return found


def assignment(value: str) -> str:
    """``NAME=VALUE``, kept as text; neither side is empty."""
    name, _, right = value.partition("=")
    if not (name and right):
        raise ValueError("is not written NAME=X.Y.Z")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag. ``names`` are all its spellings, the one that messages use last.

    Without a ``metavar`` it is a switch. ``convert`` makes the value, and raises ValueError with words
    that go on after the text ("is not a size"). A ``repeatable`` flag gives a tuple of text.
    ``values`` is for completion; ``choices`` say it all where there are some.
    """

    names: tuple[str, ...]
    help: str
    metavar: str = ""
    convert: Callable[[str], str | int] = text
    repeatable: bool = False
    default: str | int | None = None
    choices: tuple[str, ...] = ()
    values: Values = ""

    @property
    def name(self) -> str:
        """``--keep-going``, or ``-C`` where there is no long name."""
        return self.names[-1]

    @property
    def key(self) -> str:
        """``keep_going``: the name under which an Invocation holds the value."""
        return self.name.lstrip("-").replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb: what it does, its flags, and how many arguments it takes.

    ``arguments`` is how the usage line writes them. ``most`` is None when any number will do.
    ``first`` lists all that the first argument may be. ``rest`` is how the usage line writes the words
    behind ``--`` where they are handed on; elsewhere those are arguments that may begin with ``-``.
    ``values`` says what the arguments are, for completion.
    """

    name: str
    summary: str
    about: str = ""
    arguments: str = ""
    least: int = 0
    most: int | None = None
    first: tuple[str, ...] = ()
    rest: str = ""
    values: Values = ""
    flags: tuple[Flag, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """The arguments as the usage line shows them."""
        return f"{self.arguments} [-- {self.rest}]" if self.rest else self.arguments


GLOBAL_FLAGS = (
    Flag(names=("-C",), metavar="DIR", values="folder", help="run as if started in DIR"),
    Flag(names=("--config",), metavar="FILE", values="file", help="use FILE instead of putitoutthere.toml"),
    Flag(names=("-q", "--quiet"), help="say only what went wrong"),
    Flag(names=("-v", "--verbose"), help="also show the output of actions that succeed"),
    Flag(
        names=("--color",),
        metavar="WHEN",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour on stderr: auto (on a terminal), always or never",
    ),
    Flag(names=("--offline",), help="use no network; what is not in the store is an error"),
    Flag(names=("--json",), help="print the result as one JSON object on stdout"),
)

HELP_FLAG = Flag(names=("-h", "--help"), help="show help, also for a verb: piot help VERB")
VERSION_FLAG = Flag(names=("-V", "--version"), help="show the version")

TARGET = Flag(
    names=("--platform", "--target"),
    metavar="TRIPLE",
    values="triple",
    repeatable=True,
    help="build for this triple; also host (the default) and all",
)
PYTHON = Flag(
    names=("--python",),
    metavar="X.Y",
    values="python",
    repeatable=True,
    help="build for this Python; also 3.14t and pypy3.11",
)
PROFILE = Flag(
    names=("--profile",), metavar="NAME", values="profile", default="release", help="cargo's profile"
)
SET_VERSION = Flag(
    names=("--set-version",),
    metavar="NAME=X.Y.Z",
    values="package",
    convert=assignment,
    repeatable=True,
    help="build package NAME as this version; your manifests stay as they are",
)
PLAN = Flag(
    names=("--plan",),
    metavar="FILE",
    values="file",
    help="build the versions of a release plan, as piot plan --json prints it",
)
OUT = Flag(names=("--out",), metavar="DIR", values="folder", help="put the results into DIR instead of dist/")
JOBS = Flag(names=("-j", "--jobs"), metavar="N", convert=count, help="run at most N jobs at once")
SANDBOX = Flag(
    names=("--sandbox",),
    metavar="LEVEL",
    choices=("none", "dir", "bwrap"),
    help="none, dir or bwrap; the strongest that works here unless given",
)
FORCE = Flag(names=("--force",), help="run again what has a result; still store the new one")
NO_CACHE = Flag(names=("--no-cache",), help="neither read results nor store them")
INCREMENTAL = Flag(
    names=("--incremental",), help="let cargo go on where its last run here ended; store no such result"
)
KEEP_SANDBOX = Flag(names=("--keep-sandbox",), help="leave the folders of actions in place and say where")
