"""The commits since a release, each with its subject and the files that it touches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.effects import plumbing

_LOG = ("log", "--reverse", "--no-merges", "--no-show-signature", "--no-renames", "--name-only", "--relative")


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: the first line of its message, and the files that it adds, changes or removes.

    Paths are relative to the folder that was asked about; files outside of it are not told.
    """

    subject: str
    paths: tuple[str, ...]


def changes(
    root: Path, environ: Mapping[str, str], since: str | None, until: str = "HEAD"
) -> tuple[Change, ...]:
    """The commits of ``until`` that are not in the history of ``since``, the oldest first, without
    merges.

    ``since`` is a commit, None means all of them. Raises MachineError when git fails.
    """
    words = (*_LOG, "-z", "--format=%x01%s", *((f"{since}..{until}",) if since else (until,)), "--")
    written = plumbing.output(root, words, environ)
    if written is None:
        raise plumbing.complaint(root, words, environ)
    return tuple(map(_change, os.fsdecode(written).split("\x01")[1:]))


def _change(text: str) -> Change:
    """git-log(1): with ``-z`` names end with a zero byte, and a newline stands between message and names."""
    subject, *paths = text.strip("\0\n").split("\0")
    return Change(subject, tuple(path.removeprefix("\n") for path in paths if path.strip("\n")))
