"""The verbs of a release: what would be released and why, what hinders it, and the release itself."""

from __future__ import annotations

from piot.cli.flags import Verb

RELEASE_VERBS: tuple[Verb, ...] = (
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
