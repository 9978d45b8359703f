"""The verbs that look at registries and send something there."""

from __future__ import annotations

from dataclasses import replace

from piot.cli.flags import Flag, Verb

REGISTRY = Flag(
    names=("--registry",),
    metavar="NAME",
    help="another registry: of [piot.registry], of cargo's configuration or of ~/.pypirc",
)
ARTIFACTS = Flag(
    names=("--artifacts",), metavar="DIR", values="folder", help="built files, instead of those in dist/"
)

PUBLISH_VERBS: tuple[Verb, ...] = (
    Verb(
        name="publish",
        summary="send what is planned and built to its registries, and tag it",
        about=(
            "Nothing is sent before all files are there, proven, and not on a registry with other bytes. "
            "What one failure does not concern goes on; then it ends with 6, and running it again, here or "
            "elsewhere, finishes it."
        ),
        arguments="[PATTERN…]",
        values="package",
        flags=(
            Flag(
                names=("--plan",),
                metavar="FILE",
                values="file",
                help="publish this plan, as `piot plan --json` wrote it, and not what is planned now",
            ),
            ARTIFACTS,
            replace(REGISTRY, help=f"{REGISTRY.help}; nothing is tagged then"),
            Flag(names=("--dry-run",), help="read and check everything, and say what would be sent"),
        ),
        examples=(
            "piot publish --plan plan.json --dry-run",
            "piot publish --plan plan.json --artifacts all",
        ),
    ),
    Verb(
        name="status",
        summary="compare tags, registries and built files",
        about="Reads only, and needs no credentials. Files are compared by digest, where they are built.",
        most=0,
        flags=(
            Flag(names=("--check",), help="end with 7 when something is to be done"),
            REGISTRY,
            ARTIFACTS,
        ),
        examples=("piot status", "piot status --check --json"),
    ),
)
