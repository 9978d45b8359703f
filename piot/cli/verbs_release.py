"""The verbs of a release: what would be released and why, what hinders it, and the release itself."""

from __future__ import annotations

import re

from piot.cli.flags import Flag, Verb
from piot.cli.verbs_publish import PUBLISH_VERBS

_ACTION = re.compile(r"\./[\w./-]+|[\w-]+/[\w.-]+(?:/[\w./-]+)?@[\w./-]+")


def action(value: str) -> str:
    """What may stand behind ``uses:`` in a workflow: an action of a repository at a ref, or a folder."""
    if not _ACTION.fullmatch(value):
        raise ValueError("is not written OWNER/NAME@REF")
    return value


INIT = Verb(
    name="init",
    summary="read the repository, and write putitoutthere.toml and the workflows",
    about=(
        "Finds Cargo, Python and npm packages with the dependencies between them. A putitoutthere.toml that "
        "is there stays as it is, and the workflows follow from it. Files that differ are kept, with the "
        "difference shown, unless you agree or say --yes. Ends with what is left to do by hand, once."
    ),
    most=0,
    flags=(
        Flag(names=("--dry-run",), help="show what would change as a unified diff, and write nothing"),
        Flag(names=("-y", "--yes"), help="replace files that differ without asking"),
        Flag(
            names=("--action",),
            metavar="OWNER/NAME@REF",
            convert=action,
            help="where the workflows take piot from; as in those that are there, unless given",
        ),
        Flag(
            names=("--launcher",),
            metavar="PACKAGE",
            values="package",
            help="also write the Python module that starts the program of this package's bundle_cli",
        ),
    ),
    examples=("piot init --dry-run", "piot init --action me/piot@v0.1.0 --yes"),
)

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
TAG = Flag(
    names=("--tag",),
    metavar="TAG",
    help="release what this tag at HEAD names, which somebody pushed for that: it is no release yet",
)
ADOPT = Flag(
    names=("--adopt",),
    help="first tag what was released before piot came, at HEAD or --base; the version is the registry's, "
    "else the manifest's, else --bump says it",
)
GITHUB_OUTPUT = Flag(
    names=("--github-output",),
    help="append matrix, matrix_object, packages, unpublished_kinds and any to $GITHUB_OUTPUT",
)
ROWS = Flag(
    names=("--rows",),
    metavar="JOBS",
    choices=("artifact", "runner"),
    default="artifact",
    help="one job of the matrix for each artifact, or one for each runner",
)
ARTIFACTS = Flag(
    names=("--artifacts",),
    metavar="DIR",
    values="folder",
    help="compare these built files with what registries have of the planned versions",
)
KEYS = Flag(names=("--keys",), help="look up the keys of actions that this machine has the tools for")

RELEASE_VERBS: tuple[Verb, ...] = (
    Verb(
        name="bump",
        summary="write planned versions, locks and changelogs into the checkout",
        about=(
            'For packages with version_from = "manifest": what changed since its last release gets the '
            "version that piot plan would choose from commits, in manifests, in requirements between "
            "packages, in lock files and CHANGELOG.md. Prints the files that were written. One with changes "
            "that are not committed is never touched, and doing it again changes nothing."
        ),
        arguments="[PATTERN…]",
        values="package",
        flags=(BUMP, Flag(names=("--dry-run",), help="print a patch of what would be written")),
        examples=("piot bump", "piot bump --bump core@minor,cli@2.0.0 --dry-run"),
    ),
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
    INIT,
    Verb(
        name="plan",
        summary="show what would be released, in which versions, and why",
        about=(
            "A package is planned when its files, or those of a package that it depends on, are not those "
            "of its last release tag in the history of HEAD. What is committed counts, nothing else. Commits "
            'say "release: minor" (patch, major, a version, skip), perhaps with [names]. PATTERN is the name '
            "of a package or a pattern of its folder; what it needs is planned with it. Registries are asked "
            "what they have of the planned versions, but with --offline; that none answers is only a note."
        ),
        arguments="[PATTERN…]",
        values="package",
        flags=(BUMP, BASE, TAG, ADOPT, GITHUB_OUTPUT, ROWS, KEYS, ARTIFACTS),
        examples=(
            "piot plan",
            "piot plan --json",
            "piot plan --github-output --rows runner",
            "piot plan --bump core@minor,@my/js@2.0.0",
        ),
    ),
    *PUBLISH_VERBS,
)
