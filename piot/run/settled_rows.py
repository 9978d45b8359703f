"""The rows of an index that git's index stands for, in parts: a build of a few actions reads few of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from piot.effects.stats import Signature

EACH, MOST = 2000, 256
"""About how many rows are in a part, and how many parts there are at most."""

Load = Callable[[Path], dict[str, Any]]
Save = Callable[[Path, dict[str, Any]], None]


class SettledRows:
    """Rows by path, kept below ``folder``; they hold under one state of git's index, ``under``.

    What is in a folder two levels below the root, or deeper, is in the same part: packages are.
    """

    def __init__(self, folder: Path, load: Load, *, under: Signature | None, total: int) -> None:
        self._folder = folder
        self._load = load
        self._parts: dict[int, dict[str, str]] = {}
        self.under = under
        self.total = total
        """How many rows there are in all."""

    def get(self, path: str) -> str | None:
        return self._part(self._number(path)).get(path) if self.total else None

    def forget(self, path: str) -> None:
        """For this run: what is kept is compared with git's index, or with the file, before it counts."""
        if self.total:
            self._part(self._number(path)).pop(path, None)

    def all(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for number in range(self._count) if self.total else ():
            found |= self._part(number)
        return found

    def replace(self, under: Signature, rows: Mapping[str, str], save: Save) -> None:
        """Keeps other rows, under another state."""
        self.under, self.total = under, len(rows)
        self._parts = {number: {} for number in range(self._count)}
        for path, row in rows.items():
            self._parts[self._number(path)][path] = row
        for number, part in self._parts.items():
            save(self._folder / str(number), {"under": under, "rows": part})

    @property
    def _count(self) -> int:
        return min(self.total // EACH + 1, MOST)

    def _number(self, path: str) -> int:
        top = "/".join(path.split("/", 2)[:2])
        return zlib.crc32(top.encode("utf-8", "surrogateescape")) % self._count

    def _part(self, number: int) -> dict[str, str]:
        if number not in self._parts:
            kept = self._load(self._folder / str(number))
            self._parts[number] = kept["rows"] if kept.get("under") == self.under else {}
        return self._parts[number]
