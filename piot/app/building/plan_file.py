"""The versions of a release plan that was kept in a file, as `piot plan --json` prints it."""

from __future__ import annotations

from pathlib import Path

from piot.effects import files
from piot.errors import InputError
from piot.model.plan_file import parse_plan


def planned_versions(path: Path) -> dict[str, str]:
    """The version of every package by name: the planned one, else the last that was released, if any.

    Raises InputError when there is no such file, or when it is no plan.
    """
    try:
        data = files.read_file(path)
    except FileNotFoundError:
        raise InputError(f"no file {path}", hint=f"write it: piot plan --json > {path}") from None
    return parse_plan(data, str(path)).known_versions
