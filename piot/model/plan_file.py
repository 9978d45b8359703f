"""A release plan read back from what `piot plan --json` printed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from piot.errors import InputError
from piot.model.release.plan import Bump, PlannedPackage, ReleasePlan
from piot.model.semver import Semver


def parse_plan(data: bytes, path: str) -> ReleasePlan:
    """The commit and the packages of a plan; reasons and findings are for people, and are left out.

    Raises InputError for what is no plan, or a plan with a version that is none.
    """
    try:
        said = cast("Mapping[str, object]", json.loads(data))
        rows = cast("list[Mapping[str, object]]", said["packages"])
        kept = cast("list[Mapping[str, object]]", said.get("kept", []))
        return ReleasePlan(
            commit=str(said["commit"]),
            packages=tuple(_package(row) for row in rows),
            kept=tuple((str(row["name"]), _version(row)) for row in kept),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "write one with `piot plan --json`"
        raise InputError(f"{path} is no release plan", hint=hint) from error


def _version(row: Mapping[str, object]) -> str | None:
    version = row.get("version")
    return None if version is None else str(Semver.parse(str(version)))


def _package(row: Mapping[str, object]) -> PlannedPackage:
    previous, baseline = row.get("previous"), row.get("baseline")
    return PlannedPackage(
        name=str(row["name"]),
        version=str(Semver.parse(str(row["version"]))),
        previous=None if previous is None else str(previous),
        bump=cast("Bump", str(row.get("bump", "explicit"))),
        reasons=(),
        fingerprint=str(row.get("fingerprint", "")),
        tag=str(row["tag"]),
        baseline=None if baseline is None else str(baseline),
    )
