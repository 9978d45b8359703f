"""The verbs of a release: what would be released and why, what hinders it, and the release itself."""

from __future__ import annotations

from piot.cli.flags import Verb

RELEASE_VERBS: tuple[Verb, ...] = ()
