"""Whether npm can say of a package where it was made, and what stands against it.

npm docs, *Generating provenance statements* and *Trusted publishing*. For want of each condition here npm
refuses an upload (422), when its statement is in a public log already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from piot.model.package import Access

_ADDRESS = re.compile(r"(?:git\+)?(?:[a-z]+://)?(?:[^@/]*@)?(?P<host>[^:/]+)[:/](?P<path>.+?)(?:\.git)?/?")
_SHORT = re.compile(r"(?:(?P<host>github|gitlab):)?(?P<path>[^:/@]+/[^:/@]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a job says of the repository that it works for: ``place`` is ``github.com/owner/name``."""

    place: str
    visibility: str | None
    hosted: bool
    """Whether the machine is one of the forge's own."""


def asked_for(manifest: Mapping[str, object], env: Mapping[str, str]) -> bool | None:
    """What a package's ``publishConfig`` says, else the environment, as npm reads them; None: neither."""
    config = manifest.get("publishConfig")
    said = cast("Mapping[str, object]", config).get("provenance") if isinstance(config, dict) else None
    if isinstance(said, bool):
        return said
    text = env.get("npm_config_provenance") or env.get("NPM_CONFIG_PROVENANCE")
    return None if text is None else text == "true"


def own_obstacle(manifest: Mapping[str, object], access: Access) -> str | None:
    """Why npm would refuse a statement about this package, in whatever job."""
    if access != "public":
        return "only public packages have it"
    if repository(manifest) is None:
        return '"repository" in its package.json is missing, and has to name the repository of this job'
    return None


def obstacle(manifest: Mapping[str, object], source: Source) -> str | None:
    """Why npm would refuse a statement of this job; None when nothing is known against it."""
    named = repository(manifest)
    if named != source.place:
        return f'"repository" in its package.json is https://{named}, and this job works for https://{source.place}'
    if source.visibility is not None and source.visibility != "public":
        return f"https://{source.place} is {source.visibility}, and only public repositories have it"
    if not source.hosted:
        return "this machine is not one of the forge's own, which alone have it"
    return None


def repository(manifest: Mapping[str, object]) -> str | None:
    """``github.com/owner/name`` of ``repository``, in any spelling that npm knows; case counts."""
    said = manifest.get("repository")
    text = cast("Mapping[str, object]", said).get("url") if isinstance(said, dict) else said
    if not isinstance(text, str):
        return None
    if short := _SHORT.fullmatch(text.strip()):
        return f"{short['host'] or 'github'}.com/{short['path']}"
    match = _ADDRESS.fullmatch(text.strip())
    return f"{match['host']}/{match['path']}" if match else None
