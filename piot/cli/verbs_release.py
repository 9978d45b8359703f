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
BUMP = Flag(
    names=("--bump",),
    metavar="SPEC",
    help="release by hand: NAME, NAME@minor, NAME@1.2.3, several with commas; minor alone is for all planned",
)
BASE = Flag(
    names=("--base",), metavar="REV", help="compare all packages with this commit, not with their releases"
)
ADOPT = Flag(
    names=("--adopt",),
    help="first tag what was released before piot came, at HEAD or --base; the version is the registry's, "
    "else the manifest's, else --bump says it",
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
    Verb(
        name="plan",
        summary="show what would be released, in which versions, and why",
        about=(
            "A package is planned when its files, or those of a package that it depends on, are not those "
            "of its last release tag in the history of HEAD. What is committed counts, nothing else. Commits "
            'say "release: minor" (patch, major, a version, skip), perhaps with [names]. PATTERN is the name '
            "of a package or a pattern of its folder; what it needs is planned with it."
        ),
        arguments="[PATTERN…]",
        values="package",
        flags=(BUMP, BASE, ADOPT),
        examples=("piot plan", "piot plan --json", "piot plan --bump core@minor,@my/js@2.0.0"),
    ),
)
