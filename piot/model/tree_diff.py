"""The difference of trees, folder by folder, of which equal folders are never looked into.

Every pair of folders is compared once, however many packages and baselines ask for it: most of the folders of
two baselines are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from piot.model.history import FOLDER, Change


class Entry(NamedTuple):
    """A name of a folder that is not the same on both sides; where it is a folder, the id is its tree's."""

    name: str
    before_mode: str
    after_mode: str
    before: str
    after: str

    @property
    def folders(self) -> Pair | None:
        """The two folders to look into; None for what is a folder on neither side."""
        before, after = self.before_mode == FOLDER, self.after_mode == FOLDER
        if not (before or after):
            return None
        empty = empty_tree(self.after)
        return (self.before if before else empty, self.after if after else empty)


Pair: TypeAlias = tuple[str, str]
"""The ids of two trees, the earlier one first."""

Levels: TypeAlias = Mapping[Pair, tuple[Entry, ...]]


def empty_tree(like: str) -> str:
    """The id of the tree without files, by the hash that another id was made with: what git makes of no
    bytes (gitrepository-layout(5), *objects*: SHA-1 has 40 digits, SHA-256 has 64)."""
    return _EMPTY[len(like)]


_EMPTY = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class TreeDiff:
    """What differs between pairs of trees; ``levels`` has every pair that was compared."""

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._below: dict[tuple[Pair, str], tuple[Change, ...]] = {}
        self._named: dict[Pair, dict[str, list[Entry]]] = {}

    def changes(self, pair: Pair, root: str) -> tuple[Change, ...]:
        """The files at or below ``root`` ("" is all) that differ, by path.

        Raises KeyError for folders that were not compared.
        """
        if pair[0] == pair[1]:
            return ()
        return self._inside(pair, "", root)

    def _inside(self, pair: Pair, prefix: str, root: str) -> tuple[Change, ...]:
        if not root:
            return self._all(pair, prefix)
        first, _, rest = root.partition("/")
        found: list[Change] = []
        for entry in self._entries(pair, first):
            inner = entry.folders
            if not rest:
                found += _leaves(entry, prefix)
            if inner:
                found += self._inside(inner, f"{prefix}{first}/", rest)
        return tuple(found)

    def _entries(self, pair: Pair, name: str) -> list[Entry]:
        if pair not in self._named:
            named = self._named[pair] = {}
            for entry in self._levels[pair]:
                named.setdefault(entry.name, []).append(entry)
        return self._named[pair].get(name, [])

    def _all(self, pair: Pair, prefix: str) -> tuple[Change, ...]:
        key = (pair, prefix)
        if key not in self._below:
            self._below[key] = tuple(self._walk(pair, prefix))
        return self._below[key]

    def _walk(self, pair: Pair, prefix: str) -> Iterator[Change]:
        for entry in self._levels[pair]:
            yield from _leaves(entry, prefix)
            if inner := entry.folders:
                yield from self._all(inner, f"{prefix}{entry.name}/")


def _leaves(entry: Entry, prefix: str) -> Iterator[Change]:
    """The entry as files: a folder that became a file, or the other way round, is one on one side."""
    before, after = (entry.before_mode, entry.before), (entry.after_mode, entry.after)
    none = ("000000", "0" * len(entry.after))
    if before[0] == FOLDER:
        before = none
    if after[0] == FOLDER:
        after = none
    if before != after:
        yield Change(f"{prefix}{entry.name}", before[0], after[0], before[1], after[1])
