"""Every verb with its arguments, flags and examples; what is about releases stands in ``verbs_release``."""

from __future__ import annotations

from dataclasses import replace

from piot.cli.flags import (
    FORCE,
    INCREMENTAL,
    JOBS,
    KEEP_SANDBOX,
    NO_CACHE,
    OUT,
    PLAN,
    PROFILE,
    PYTHON,
    SANDBOX,
    SET_VERSION,
    TARGET,
    Flag,
    Verb,
    count,
    size,
)
from piot.cli.verbs_release import RELEASE_VERBS

DEV_PROFILE = replace(PROFILE, default="dev")

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
    choices=("label", "label_kind", "json", "jsonl", "dot", "mermaid", "tree", "matrix"),
    default="label",
    help="label, label_kind, json, jsonl, their graph as dot, mermaid or tree; matrix: CI jobs",
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
        flags=(*CONFIGURATION, PLAN, OUT, INCREMENTAL, *RUNNING, *RECORDING),
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
        flags=(*CONFIGURATION, PLAN, *RUNNING, *RECORDING),
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
            "outputs(x), buildfiles(x), affected(base[, head]), why(x, y), set(x y …), let v = x in $v. "
            "Between spaces, + is both, - without, ^ common. Words are joined, and a function may stand "
            "without brackets: quotes are for brackets only."
        ),
        arguments="EXPR…",
        values="pattern",
        least=1,
        flags=(OUTPUT,),
        examples=(
            "piot query rdeps //packages/rust:crate",
            "piot query rdeps packages/rust/src/lib.rs --output tree",
            "piot query 'rdeps(//packages/rust:crate) - //packages/ts/...'",
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
            "A PACKAGE is one for Python, with what its back end needs and what it needs itself when it is "
            "tried, or one for npm whose yarn.lock tells no hashes (Yarn 2 and later). Without arguments, "
            "pins again what the file already names, and that of all packages."
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
    *RELEASE_VERBS,
    Verb(
        name="help",
        summary="show help, also for one verb",
        arguments="[VERB]",
        most=1,
        values="verb",
    ),
)

ELSEWHERE = {
    **dict.fromkeys(("deps", "dependencies", "tree"), "piot query deps"),
    **dict.fromkeys(("rdeps", "dependents", "dependees"), "piot query rdeps"),
    **dict.fromkeys(("why", "somepath", "allpaths", "affected", "kind"), "a function of piot query"),
    **dict.fromkeys(("list", "ls", "targets"), "piot query //..."),
    **dict.fromkeys(("compile", "make", "package", "pack", "wheel"), "piot build"),
    **dict.fromkeys(("release", "upload", "deploy"), "piot publish"),
    **dict.fromkeys(("install", "sync"), "piot develop"),
    **dict.fromkeys(("gc", "verify"), "a word of piot cache"),
    "aquery": "piot actions",
    "info": "piot doctor",
    "new": "piot init",
    "version": "piot --version",
}
"""What people say who come from Bazel, Pants, cargo, maturin or npm, and how it is said here."""
