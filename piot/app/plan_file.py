"""The versions of a release plan that was kept in a file, as `piot plan --json` prints it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from piot.effects import files
from piot.errors import InputError

Versions = tuple[tuple[str, str], ...]
"""Names of packages with their versions in Cargo's spelling."""


def planned_versions(path: Path) -> Versions:
    """The version of every package: the planned one, else the last that was released, if any.

    Raises InputError when there is no such file, or when it is no plan.
    """
    try:
        plan: object = json.loads(files.read_file(path))
    except FileNotFoundError:
        raise InputError(f"no file {path}", hint=f"write it: piot plan --json > {path}") from None
    except ValueError as wrong:
        raise InputError(f"{path} is not JSON: {wrong}", hint=_HINT) from wrong
    if not (isinstance(plan, dict) and isinstance(cast("dict[str, object]", plan).get("packages"), list)):
        raise InputError(f"{path} is no release plan", hint=_HINT)
    tables = cast("dict[str, object]", plan)
    return tuple(pair for key in ("kept", "packages") for pair in _pairs(tables.get(key)))


_HINT = "it holds what piot plan --json prints"


def _pairs(entries: object) -> Iterator[tuple[str, str]]:
    for entry in cast("list[object]", entries) if isinstance(entries, list) else ():
        row = cast("dict[str, object]", entry) if isinstance(entry, dict) else {}
        name, version = row.get("name"), row.get("version")
        if isinstance(name, str) and isinstance(version, str):
            yield name, version
