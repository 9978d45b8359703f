"""The verbs and flags of the command line, declared once as data for the parser and the help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

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

SIZE_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


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
    """``500M``, ``20G``, ``20GB`` or ``20GiB`` as bytes; the units are powers of 1024."""
    number = value.rstrip("KMGTiBkmgt")
    unit = value[len(number) :].upper().removesuffix("B").removesuffix("I")
    if not (number.isascii() and number.isdecimal()) or unit not in SIZE_UNITS:
        raise ValueError("is not a size like 500M or 20G")
    return int(number) * SIZE_UNITS[unit]


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
    help="build for this Python; also 3.14t and pypy3.11",
)
PROFILE = Flag(
    names=("--profile",), metavar="NAME", values="profile", default="release", help="cargo's profile"
)
DEV_PROFILE = replace(PROFILE, default="dev")
SET_VERSION = Flag(
    names=("--set-version",),
    metavar="NAME=X.Y.Z",
    values="package",
    convert=assignment,
    repeatable=True,
    help="build package NAME as this version; your manifests stay as they are",
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
KEEP_SANDBOX = Flag(names=("--keep-sandbox",), help="leave the folders of actions in place and say where")

CONFIGURATION = (TARGET, PYTHON, PROFILE, SET_VERSION)
RUNNING = (
    JOBS,
    Flag(names=("-k", "--keep-going"), help="after a failure, go on with what does not depend on it"),
    FORCE,
    NO_CACHE,
    SANDBOX,
    KEEP_SANDBOX,
    Flag(names=("--dry-run",), help="say what would run and why, and run nothing"),
)
OUTPUT = Flag(
    names=("--output",), metavar="FORMAT", choices=("label",), default="label", help="how to print targets"
)
MAX_SIZE = Flag(
    names=("--max-size",), metavar="SIZE", convert=size, help="for gc: shrink the store to SIZE (20G)"
)

VERBS = (
    Verb(
        name="build",
        summary="build targets and put the results into dist/",
        about="Prints the paths of the results, one a line.",
        arguments="PATTERN…",
        values="pattern",
        least=1,
        flags=(*CONFIGURATION, OUT, *RUNNING),
        examples=(
            "piot build //packages/python:wheel --target aarch64-unknown-linux-gnu",
            "piot build //... -//packages/ts/... --keep-going",
        ),
    ),
    Verb(
        name="run",
        summary="build a program for this machine and run it",
        about=(
            "The program has the folder, environment and streams that piot was started with, and its exit "
            "code is piot's. What the build says goes to stderr."
        ),
        arguments="LABEL",
        values="program",
        least=1,
        most=1,
        rest="ARG…",
        flags=(PROFILE, SET_VERSION, JOBS, FORCE, NO_CACHE, SANDBOX, KEEP_SANDBOX),
        examples=("piot run //crates/cli:cli -- --help", "piot run --profile dev :cli"),
    ),
    Verb(
        name="develop",
        summary="install wheels into your Python environment, with their sources in the checkout",
        about=(
            "Builds with the dev profile for this machine, then installs into the active environment, else "
            "into .venv: Python files are used from the checkout, and nothing is written there."
        ),
        arguments="PATTERN…",
        values="wheel",
        least=1,
        flags=(DEV_PROFILE, SET_VERSION, JOBS, FORCE, NO_CACHE, SANDBOX, KEEP_SANDBOX),
        examples=("piot develop //packages/python:wheel",),
    ),
    Verb(
        name="test",
        summary="run test targets",
        arguments="PATTERN…",
        values="test",
        least=1,
        flags=(*CONFIGURATION, *RUNNING),
        examples=("piot test //...",),
    ),
    Verb(
        name="fetch",
        summary="download what targets need, so that everything else works offline",
        arguments="PATTERN…",
        values="pattern",
        least=1,
        flags=(*CONFIGURATION, JOBS),
        examples=("piot fetch //... --target all",),
    ),
    Verb(
        name="query",
        summary="ask the graph: deps, rdeps",
        about=(
            "Prints labels, one a line. x, y are patterns or queries: deps(x[, depth]) is what x needs, "
            "rdeps([universe,] x[, depth]) what needs x; between spaces, + is both, - without, ^ common. "
            "Words are joined, and a function may stand without brackets: quotes are for brackets only."
        ),
        arguments="EXPR…",
        values="pattern",
        least=1,
        flags=(OUTPUT,),
        examples=("piot query rdeps //packages/rust:crate", "piot query 'deps(//...) - //:x'"),
    ),
    Verb(
        name="explain",
        summary="say why targets would run, or did: the first difference to the last result",
        arguments="PATTERN",
        values="pattern",
        least=1,
        most=1,
        flags=CONFIGURATION,
        examples=("piot explain //packages/python:wheel",),
    ),
    Verb(name="toolchains", summary="show what this machine can build for, and what is lacking", most=0),
    Verb(
        name="rules",
        summary="list the rules, or show one with its attributes",
        arguments="[NAME]",
        most=1,
        values="rule",
    ),
    Verb(
        name="lock",
        summary="pin tools by hash in piot.lock",
        about="Without arguments, pins again what the file already names.",
        arguments="[TOOL[==VERSION]…]",
        examples=("piot lock maturin==1.9.4 ziglang",),
    ),
    Verb(
        name="cache",
        summary="look after the store that all checkouts share",
        about=(
            "info shows where it is and how full; gc shrinks it; verify reads every blob again; "
            "rm forgets the results of keys or labels."
        ),
        arguments="info|gc|verify|rm [KEY|LABEL…]",
        least=1,
        first=("info", "gc", "verify", "rm"),
        flags=(MAX_SIZE,),
        examples=("piot cache info", "piot cache gc --max-size 20G"),
    ),
    Verb(name="clean", summary="remove dist/ and .piot/ of this checkout, never the shared store", most=0),
    Verb(
        name="completion",
        summary="print a script that lets bash, zsh or fish complete piot's command lines",
        about=(
            'Completes verbs, flags and their values, labels and packages. bash: eval "$(piot completion '
            'bash)" in .bashrc; zsh: the same with zsh in .zshrc, after compinit; fish: piot completion '
            "fish > ~/.config/fish/completions/piot.fish"
        ),
        arguments="bash|zsh|fish",
        least=1,
        most=1,
        first=("bash", "zsh", "fish"),
        examples=("piot completion fish",),
    ),
    Verb(
        name="help",
        summary="show help, also for one verb",
        arguments="[VERB]",
        most=1,
        values="verb",
    ),
)
