"""Planned versions laid over the manifests of a checkout, before anything is analysed."""

from __future__ import annotations

from collections.abc import Mapping

from piot.errors import UsageError, near, of_command_line
from piot.load.repository import Reader, Repository, read_repository
from piot.model.stamp import stamp


def stamped(found: Repository, reader: Reader, versions: Mapping[str, str]) -> Repository:
    """``found`` as if the manifests said ``versions`` (package name to version, in Cargo's spelling).

    Nothing in the checkout changes. Raises UsageError for an unknown package, and for a version that cannot
    be or that two packages which share a manifest disagree about.
    """
    names = [package.name for package in found.config.packages]
    for name in versions:
        if name not in names:
            raise UsageError(f'no package is called "{name}"', hint=near(name, names))
    for package in found.config.packages:
        if package.kind == "npm":
            reader.text("package.json" if package.path == "." else f"{package.path}/package.json")
    with of_command_line():
        overlay = stamp(reader.texts, versions, packages=found.config.packages, workspaces=found.workspaces)
    reader.overlay.update(overlay)
    return read_repository(reader, found.config, found.settings)
