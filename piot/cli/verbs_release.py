"""The verbs of a release: what would be released and why, what hinders it, and the release itself."""

from __future__ import annotations

from piot.cli.flags import Flag, Verb

CHECK = Verb(
    name="check",
    summary="say what would go wrong with a release, as far as the checkout tells",
    about=(
        "Reads configuration, manifests, lock files, sources and workflows; runs nothing, needs no network. "
        "Prints every finding with its place and the next step. Errors are exit 7."
    ),
    most=0,
    flags=(Flag(names=("--strict",), help="warnings are exit 7 too"),),
    examples=("piot check", "piot check --strict --json"),
)

RELEASE_VERBS: tuple[Verb, ...] = (CHECK,)
