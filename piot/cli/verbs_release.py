"""The verbs of a release: what would be released and why, what hinders it, and the release itself."""

from __future__ import annotations

from piot.cli.flags import Flag, Verb

BUMP = Flag(
    names=("--bump",),
    metavar="SPEC",
    help="release by hand: NAME, NAME@minor, NAME@1.2.3, several with commas; minor alone is for all planned",
)
BASE = Flag(
    names=("--base",), metavar="REV", help="compare all packages with this commit, not with their releases"
)

RELEASE_VERBS: tuple[Verb, ...] = (
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
        flags=(BUMP, BASE),
        examples=("piot plan", "piot plan --json", "piot plan --bump core@minor,@my/js@2.0.0"),
    ),
)
