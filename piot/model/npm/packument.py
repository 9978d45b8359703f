"""What a registry of npm tells about a package: its packument.

https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from piot.model.tables import table_at

PLACEHOLDER = "0.0.0-stage"
"""The version that npm gives a name of which nothing is approved yet (npm docs, *Staged publishing*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """``integrity`` is ``sha512-…``, None for packages that are older than it."""

    version: str
    integrity: str | None
    tarball: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packument:
    """The versions of a package, those that were withdrawn, and its dist-tags.

    The number of a ``withdrawn`` version is never given again (npm docs, *Unpublishing*). npm's placeholder
    is no version: it ``reserves`` a name of which something waits for an approval.
    """

    versions: tuple[PublishedVersion, ...]
    withdrawn: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    reserves: bool = False

    @classmethod
    def parse(cls, data: bytes) -> Packument:
        """Raises ValueError when it is none, or was cut off."""
        said = json.loads(data)
        if not isinstance(said, dict):
            raise ValueError("it is no packument")
        said = cast("Mapping[str, object]", said)
        versions, times = {**table_at(said, "versions")}, {**table_at(said, "time")}
        reserves = versions.pop(PLACEHOLDER, None) is not None
        times.pop(PLACEHOLDER, None)
        withdrawn = {name for name in times if name[:1].isdigit()} - versions.keys()
        withdrawn |= set(_texts(table_at(times, "unpublished").get("versions"))) - versions.keys()
        return cls(
            versions=tuple(_version(name, table_at(versions, name)) for name in versions),
            withdrawn=tuple(sorted(withdrawn)),
            tags=tuple((tag, str(version)) for tag, version in table_at(said, "dist-tags").items()),
            reserves=reserves,
        )


def escaped(name: str) -> str:
    """A package's name in an address, as npm writes it: ``@scope%2fname``."""
    return quote(name, safe="@").replace("%2F", "%2f")


def tarball_name(name: str, version: str) -> str:
    """The file of a version, as registries name it: without the scope."""
    return f"{name.rpartition('/')[2]}-{version}.tgz"


def _version(name: str, manifest: Mapping[str, object]) -> PublishedVersion:
    dist = table_at(manifest, "dist")
    integrity, tarball = dist.get("integrity"), dist.get("tarball")
    return PublishedVersion(
        version=name,
        integrity=_sha512(integrity) if isinstance(integrity, str) else None,
        tarball=tarball if isinstance(tarball, str) else None,
    )


def _sha512(integrity: str) -> str | None:
    """The one that npm writes today, of the several that there may be (W3C, *Subresource Integrity*)."""
    return next((each for each in integrity.split() if each.startswith("sha512-")), None)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value)) if isinstance(value, list) else ()
