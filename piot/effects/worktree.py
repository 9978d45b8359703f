"""What git sees at a glance of a work tree: whether any file is another than it was.

git compares the stat of every tracked file with its index, in parallel and without reading the files. As long
as the index is the same file and the same paths differ from it, tracked files that do not differ are
as they were (gitformat-index(5), Documentation/technical/racy-git).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from piot.effects import plumbing
from piot.effects.stats import Signature, is_file, signatures

_STRICT = (
    *("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.trustctime=true"),
    *("-c", "core.checkStat=default", "-c", "core.fileMode=true", "-c", "core.ignoreStat=false"),
)
"""Whatever is configured, every stat field counts."""
_CHANGED = (*_STRICT, "diff-files", "--raw", "-z", "--no-renames", "--ignore-submodules=all", "--relative")


class Worktree(NamedTuple):
    """``index_stat`` is the signature of git's index; ``changed`` is what diff-files says, byte for byte.

    ``paths`` are the files that differ from the index or are not in it, relative to the root that was asked
    about; what they hold, git does not tell.
    """

    index_stat: Signature
    changed: bytes
    paths: tuple[str, ...]


def glance(
    root: Path,
    environ: Mapping[str, str],
    untracked: Callable[[], Iterable[str] | None],
    meanwhile: Iterable[Callable[[], object]] = (),
) -> Worktree | None:
    """The state of the files below ``root``; None where git does not keep any, or wrote its index meanwhile.

    ``untracked`` gives the files that git does not track, while git compares those that it does, and
    as long as that takes one after the other of ``meanwhile`` is done.
    """
    git = plumbing.repository(root)
    if git is None:
        return None
    place = _index(git)
    index = signatures(None, [place])[place]
    if index is None:
        return None
    comparing = plumbing.started(root, _CHANGED, environ, meanwhile)
    new = untracked()
    changed = comparing()
    if changed is None or new is None or signatures(None, [place])[place] != index:
        return None
    paths = {os.fsdecode(path) for path in changed.split(b"\0")[1::2]}
    return Worktree(index, changed, tuple(sorted(paths.union(new))))


def _index(git: Path) -> str:
    """In a linked work tree ``.git`` is a file that names a folder (gitrepository-layout(5))."""
    place = str(git)
    found = signatures(None, [place], follow=True)[place]
    if found is not None and is_file(found):
        named = git.read_text(encoding="utf-8", errors="surrogateescape").removeprefix("gitdir:").strip()
        place = os.path.join(git.parent, named)  # noqa: PTH118 - it may be absolute
    return f"{place}/index"
