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

RELEASE_VERBS: tuple[Verb, ...] = (
    CHECK,
    Verb(
        name="doctor",
        summary="look for what hinders builds and releases: tools, git, the job, credentials",
        about=(
            "Looks at this machine, this checkout and the CI job around it, and ends with 7 when something "
            "would stop a build or a release. A job is taken for the one that publishes. Of secrets it names "
            "the places only."
        ),
        most=0,
        examples=("piot doctor", "piot doctor --offline --json"),
    ),
)
