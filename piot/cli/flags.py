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
    repeatable=True,
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
INCREMENTAL = Flag(
    names=("--incremental",), help="let cargo go on where its last run here ended; store no such result"
)
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
RECORDING = (
    Flag(names=("--events",), metavar="FILE", help="write what happens into FILE, one JSON object a line"),
    Flag(names=("--trace",), metavar="FILE", help="write a trace for Perfetto or chrome://tracing into FILE"),
)
OUTPUT = Flag(
    names=("--output",),
    metavar="FORMAT",
    choices=("label", "label_kind", "json", "jsonl", "dot", "mermaid", "tree"),
    default="label",
    help="label, label_kind, json, jsonl, or the graph between the targets: dot, mermaid, tree",
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
        flags=(*CONFIGURATION, OUT, INCREMENTAL, *RUNNING, *RECORDING),
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
        flags=(PROFILE, SET_VERSION, INCREMENTAL, JOBS, FORCE, NO_CACHE, SANDBOX, KEEP_SANDBOX),
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
        flags=(DEV_PROFILE, SET_VERSION, INCREMENTAL, JOBS, FORCE, NO_CACHE, SANDBOX, KEEP_SANDBOX),
        examples=("piot develop //packages/python:wheel",),
    ),
    Verb(
        name="test",
        summary="run test targets",
        arguments="PATTERN…",
        values="test",
        least=1,
        flags=(*CONFIGURATION, *RUNNING, *RECORDING),
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
        summary="ask the graph: what needs what, what is made of which files",
        about=(
            "Prints labels or files, one a line. x is a pattern, a file (for the targets made of it) or a "
            "query: deps(x[, depth]), rdeps([universe,] x[, depth]), allpaths(from, to), somepath(from, to), "
            "kind(regex[, x]), filter(regex[, x]), attr(name, regex[, x]), owner(file), inputs(x), "
            "outputs(x), buildfiles(x), set(x y …), let v = x in $v. Between spaces, + is both, "
            "- without, ^ common. Words are joined, and a function may stand without brackets: quotes are "
            "for brackets only."
        ),
        arguments="EXPR…",
        values="pattern",
        least=1,
        flags=(OUTPUT,),
        examples=(
            "piot query rdeps //packages/rust:crate",
            "piot query rdeps packages/rust/src/lib.rs --output tree",
            "piot query 'kind(wheel, rdeps(//packages/rust:crate)) - //packages/cli/...'",
        ),
    ),
    Verb(
        name="actions",
        summary="show the actions of targets: commands, inputs with digests, outputs, keys",
        about=(
            "Nothing is run or fetched. With --sh, every action whose inputs are known gets them in a folder "
            "that stays, and a command that runs it there and can be pasted into a shell."
        ),
        arguments="PATTERN…",
        least=1,
        flags=(*CONFIGURATION, SANDBOX, Flag(names=("--sh",), help="print commands to run by hand")),
        examples=("piot actions //packages/python:wheel", "piot actions //:docs --sh"),
    ),
    Verb(
        name="explain",
        summary="say why targets would run, or did: the first difference to the last result",
        about="With --since N, the first difference to what build N had; piot log --list shows the builds.",
        arguments="PATTERN",
        values="pattern",
        least=1,
        most=1,
        flags=(
            *CONFIGURATION,
            Flag(
                names=("--since",), metavar="N", convert=count, help="compare with build N of this checkout"
            ),
        ),
        examples=("piot explain //packages/python:wheel", "piot explain //... --since 12"),
    ),
    Verb(
        name="log",
        summary="show what the last build did, or build N: what ran, failed, was slow",
        about=(
            "The critical path is the chain of actions, each needing the one before it, that took longest: "
            "no number of processors makes the build shorter. The last builds of a checkout are remembered."
        ),
        arguments="[N]",
        most=1,
        flags=(Flag(names=("--list",), help="list the builds that are remembered, the last one first"),),
        examples=("piot log", "piot log 12 --json"),
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
        summary="pin tools and build requirements by hash in piot.lock",
        about=(
            "A PACKAGE is one that hatch or setuptools build. Without arguments, pins again what the file "
            "already names, and what all such packages are built with."
        ),
        arguments="[TOOL[==VERSION]|PACKAGE…]",
        examples=("piot lock maturin==1.9.4 ziglang", "piot lock my-py"),
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
