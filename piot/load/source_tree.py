"""The repository's files as BUILD files see them: folders, packages and globs."""

from __future__ import annotations

import os.path
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from piot.errors import InputError
from piot.model.globs import Globs

BUILD_FILES = ("BUILD.piot", "BUILD")
"""Names of BUILD files; the first wins where a folder has both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """Tracked and untracked-not-ignored files, relative to the root and sorted. Made by ``of``."""

    paths: tuple[str, ...]
    build_files: dict[str, str] = field(compare=False, repr=False)
    packages: tuple[str, ...] = field(compare=False, repr=False)

    @classmethod
    def of(cls, paths: Iterable[str]) -> SourceTree:
        """``build_files`` maps each package, a folder with a BUILD file ("" is the root), to that file."""
        ordered = tuple(sorted(paths))
        found: dict[str, str] = {}
        for path in ordered:
            folder, name = os.path.split(path) if path.endswith(BUILD_FILES) else ("", "")
            if name in BUILD_FILES and not found.get(folder, "").endswith(BUILD_FILES[0]):
                found[folder] = path
        return cls(paths=ordered, build_files=found, packages=tuple(sorted(found)))

    def __contains__(self, path: str) -> bool:
        place = bisect_left(self.paths, path)
        return place < len(self.paths) and self.paths[place] == path

    def below(self, folder: str) -> Sequence[str]:
        """Files of the folder and its subfolders, relative to the root."""
        return _below(self.paths, folder)

    def own(self, package: str) -> Iterator[str]:
        """Files of a package, relative to its folder; a subfolder with a BUILD file is another package."""
        prefix = f"{package}/" if package else ""
        inner = tuple(f"{other}/" for other in _below(self.packages, package) if other)
        for path in self.below(package):
            if not path.startswith(inner):
                yield path[len(prefix) :]

    def glob(self, package: str, include: Sequence[str], exclude: Sequence[str]) -> tuple[str, ...]:
        """Files of a package, relative to its folder and sorted; raises InputError for a wrong pattern."""
        if any(pattern.startswith("!") and not pattern.startswith("!(") for pattern in exclude):
            raise InputError("a pattern of exclude cannot begin with !", hint="exclude already takes away")
        globs = Globs.parse([*include, *(f"!{pattern}" for pattern in exclude)])
        return globs.select(self.own(package))


def _below(paths: Sequence[str], folder: str) -> Sequence[str]:
    """Those of sorted ``paths`` that begin with the folder and "/" ("0" is the next character)."""
    if not folder:
        return paths
    return paths[bisect_left(paths, f"{folder}/") : bisect_left(paths, f"{folder}0")]
