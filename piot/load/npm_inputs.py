"""The files that every package of npm is built with, wherever its workspace keeps them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from piot.load.npm_projects import LOCKS
from piot.load.source_tree import SourceTree

NPM_RULES = ("napi_addon", "napi_package", "npm_package", "npm_platforms", "npm_program")
"""Rules that install packages of npm by a lock file (``piot.api.npm_install``)."""

BESIDE = ("package.json", "pnpm-workspace.yaml", ".yarnrc.yml", ".npmrc")
"""What counts beside a lock file."""


def npm_inputs(directory: str, tree: SourceTree) -> Iterator[str]:
    """The lock files of the nearest folder that has one, at or above ``directory``, and what is beside."""
    folder = "" if directory == "." else directory
    while True:
        found = [path for name in LOCKS if (path := posixpath.join(folder, name)) in tree]
        if found:
            yield from found
            yield from (path for name in BESIDE if (path := posixpath.join(folder, name)) in tree)
        if found:
            return
        yield from (posixpath.join(folder, name) for name in LOCKS)  # it matters when one appears or goes
        if not folder:
            return
        folder = posixpath.dirname(folder)
