"""What stands on the disk: single entries, names in folders, whole trees; links are never followed."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from piot.effects import witness
from piot.effects.trouble import explained

Kind: TypeAlias = Literal["file", "directory", "symlink", "special"]
_KINDS: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on the disk; ``path`` is posix and relative to the folder that was scanned.

    ``size`` is in bytes (0 unless a file), ``target`` a link's text, ``modified`` seconds since 1970.
    """

    path: str
    kind: Kind
    size: int = 0
    executable: bool = False
    target: str = ""
    modified: float = 0.0


def look(path: Path, name: str = "") -> Entry | None:
    """What stands at ``path`` itself, links not followed; None when nothing does."""
    witness.saw(path)
    with explained("read", path):
        try:
            found = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        kind = "symlink" if is_junction(found) else _KINDS.get(stat.S_IFMT(found.st_mode), "special")
        return Entry(
            path=name or path.name,
            kind=kind,
            size=found.st_size if kind == "file" else 0,
            executable=kind == "file" and bool(found.st_mode & stat.S_IXUSR),
            target=str(path.readlink()) if kind == "symlink" else "",
            modified=found.st_mtime,
        )


def names(directory: Path) -> list[str]:
    """The names in a folder, sorted; none when it is absent."""
    witness.listed(directory)
    with explained("read", directory):
        try:
            return sorted(os.listdir(directory))  # noqa: PTH208 - only the names
        except FileNotFoundError:
            return []


def scan(directory: Path, *, leaving: Set[str] = frozenset()) -> Iterator[Entry]:
    """Everything below ``directory``, sorted, folders before what is in them; links not followed.

    What vanishes meanwhile is left out, and the paths ``leaving`` with all below them.
    """
    stack = [("", directory)]
    while stack:
        prefix, folder = stack.pop()
        paths = {prefix + name: folder / name for name in names(folder) if prefix + name not in leaving}
        found = [entry for path, place in paths.items() if (entry := look(place, path))]
        yield from found
        stack += [(f"{e.path}/", directory / e.path) for e in reversed(found) if e.kind == "directory"]


def is_junction(found: os.stat_result) -> bool:
    """Whether a folder is another one's second name (Windows), which Python takes for a folder."""
    return sys.platform == "win32" and found.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT
