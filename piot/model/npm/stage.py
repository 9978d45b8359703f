"""Versions of npm packages that wait for a person's approval (npm docs, *Staged publishing* and *stage*)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from piot.model.release.artifact import Artifact, Observed, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedVersion:
    """``id`` is a UUID, ``shasum`` the SHA-1 of the tarball in hex: npm tells no better digest here.

    ``registry`` is as in ``Waiting``.
    """

    id: str
    name: str
    version: str
    shasum: str | None = None
    registry: str | None = None

    @classmethod
    def parse(cls, data: bytes) -> tuple[StagedVersion, ...]:
        """The answer to ``GET /-/stage``; raises ValueError when it is none."""
        said = json.loads(data)
        if not isinstance(said, dict):
            raise ValueError("it is no list of staged versions")
        items = cast("Mapping[str, object]", said).get("items")
        if not isinstance(items, list):
            raise ValueError("it is no list of staged versions")
        return tuple(_version(cast("Mapping[str, object]", each)) for each in cast("list[object]", items))


def _version(item: Mapping[str, object]) -> StagedVersion:
    try:
        shasum = item.get("shasum")
        return StagedVersion(
            id=str(item["id"]),
            name=str(item["packageName"]),
            version=str(item["version"]),
            shasum=shasum if isinstance(shasum, str) else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no list of staged versions") from error


def staged(artifact: Artifact, versions: tuple[StagedVersion, ...]) -> Observed | None:
    """What becomes of an artifact that no one can install yet; None when it does not wait either."""
    mine = (artifact.registry_name, artifact.version)
    found = next((each for each in versions if (each.name, each.version) == mine), None)
    if found is None:
        return None
    if None not in (artifact.shasum, found.shasum) and artifact.shasum != found.shasum:
        detail = (
            f"other bytes wait for an approval (ours {artifact.shasum}, those {found.shasum}): "
            f"`npm stage reject {found.id}` frees the version"
        )
        return Observed(artifact=artifact, state="different", detail=detail)
    return Observed(
        artifact=artifact,
        state="staged",
        detail="it waits for an approval",
        waiting=Waiting(id=found.id, registry=found.registry),
    )
