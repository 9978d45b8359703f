"""What git writes of differences: between trees (``diff-tree``), and of a work tree (``status``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from piot.model.history import NOTHING, UNREAD, Change
from piot.model.tree_diff import Entry, Pair


def below(level: Iterable[Entry], root: str) -> Iterator[tuple[Pair, str]]:
    """The folders of a folder in which ``root`` may be, and what is left of it there."""
    first, _, rest = root.partition("/")
    for entry in level:
        if (not root or entry.name == first) and (inner := entry.folders):
            yield inner, rest


def entries(written: str) -> Iterator[tuple[Pair, Entry]]:
    """From ``diff-tree --stdin -z``: the two ids on a line before what differs between them."""
    pair: Pair = ("", "")
    parts = written.split("\0")
    for at in range(0, len(parts) - 1, 2):
        *headers, facts = parts[at].split("\n")
        if headers:
            before, _, after = headers[-1].partition(" ")
            pair = (before, after)
        before_mode, after_mode, before, after, _ = facts[1:].split(" ")
        yield pair, Entry(parts[at + 1], before_mode, after_mode, before, after)


def by_folder(found: Iterable[tuple[Pair, Entry]]) -> dict[Pair, tuple[Entry, ...]]:
    """By folder what differs in it; names are paths in the first, and folders come before what they hold."""
    inside: dict[tuple[Pair, str], list[Entry]] = {}
    inner: dict[tuple[Pair, str], Pair] = {}
    for pair, entry in found:
        folder, _, name = entry.name.rpartition("/")
        inner.setdefault((pair, ""), pair)
        inside.setdefault((pair, folder), []).append(entry._replace(name=name))
        if entry.folders:
            inner[pair, entry.name] = entry.folders
    return {inner[place]: tuple(its) for place, its in inside.items()}


def uncommitted(row: str, place: str) -> Change:
    """From ``git status --porcelain=v2`` (git-status(1)): ``1 XY sub mH mI mW hH hI path`` for most,
    ``u XY sub m1 m2 m3 mW h1 h2 h3 path`` for what is in conflict, where the second is ours."""
    if row.startswith("u"):
        _, _, _, _, before_mode, _, after_mode, _, before, _, path = row.split(" ", 10)
        return Change(path.removeprefix(place), before_mode, after_mode, before, UNREAD)
    _, states, _, before_mode, staged, mode, before, after, path = row.split(" ", 8)
    after_mode = staged if states[1] == "." else mode
    read = states[1] == "." or after_mode == NOTHING
    return Change(path.removeprefix(place), before_mode, after_mode, before, after if read else UNREAD)
