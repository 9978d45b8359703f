"""What packages are made of: the files that differ between two trees, and fingerprints of one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from piot.cascade.graph import Closures
from piot.model.globs import Globs
from piot.model.history import Change, File
from piot.model.package import Package
from piot.model.tree_diff import Pair, TreeDiff


class Contents:
    """The packages of one configuration, looked at in many trees."""

    def __init__(self, packages: Sequence[Package], closures: Closures) -> None:
        self._globs = {package.name: Globs(package.paths) for package in packages}
        self._roots = {name: globs.roots() for name, globs in self._globs.items()}
        self._closures = closures

    def roots(self, name: str) -> tuple[str, ...]:
        """The files and folders that hold all of a package and of what it depends on."""
        return tuple(
            dict.fromkeys(root for each in (*self._closures[name], name) for root in self._roots[each])
        )

    def changes(self, name: str, diff: TreeDiff, pair: Pair) -> tuple[Change, ...]:
        """The files of the package itself that differ, by path."""
        matches = self._globs[name].matches
        found = (change for root in self._roots[name] for change in diff.changes(pair, root))
        return tuple(change for change in found if matches(change.path))

    def owns(self, path: str) -> bool:
        """Whether any package has this file."""
        return any(globs.matches(path) for globs in self._globs.values())

    def fingerprints(self, files: Iterable[File], names: Iterable[str]) -> dict[str, str]:
        """By package the hex digest of its files (path, mode, blob) and of what it depends on.

        ``names`` are packages in the order of releases; what they depend on is given too.
        """
        rows = sorted(files)
        paths = [file.path for file in rows]
        found: dict[str, str] = {}
        for each in names:
            for name in (*self._closures[each], each):
                if name not in found:
                    found[name] = self._fingerprint(name, rows, paths, found)
        return found

    def _fingerprint(
        self, name: str, rows: Sequence[File], paths: Sequence[str], known: Mapping[str, str]
    ) -> str:
        matches = self._globs[name].matches
        digest = sha256()
        for row in _below(rows, paths, self._roots[name]):
            if matches(row.path):
                digest.update(f"{row.mode} {row.blob} {row.path}\0".encode("utf-8", "surrogateescape"))
        for each in sorted(self._closures[name]):
            digest.update(f"{each} {known[each]}\0".encode())
        return digest.hexdigest()


def _below(rows: Sequence[File], paths: Sequence[str], roots: Iterable[str]) -> Iterable[File]:
    """The files at or below the roots, in order."""
    for root in roots:
        if not root:
            yield from rows
            continue
        at = bisect_left(paths, root)
        if at < len(paths) and paths[at] == root:
            yield rows[at]
        start, end = bisect_left(paths, f"{root}/"), bisect_left(paths, f"{root}0")  # "0" follows "/"
        yield from rows[start:end]
