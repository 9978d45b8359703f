"""The commits since releases: which are in whose range, what they ask for, which of them say ``skip``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from piot.model.history import Commit
from piot.model.release.trailer import Malformed, Trailer, parse_trailers


class Past:
    """Commits as ``git log --topo-order`` gives them, children first, and the baselines among them.

    What is not among ``commits`` is in the history of every baseline.
    """

    def __init__(self, commits: Sequence[Commit], baselines: Iterable[str]) -> None:
        self._commits = {commit.id: commit for commit in commits}
        self._bits = {commit: 1 << number for number, commit in enumerate(sorted(set(baselines)))}
        self._added: dict[str, frozenset[str]] = {}
        self._ranges: dict[str | None, tuple[Commit, ...]] = {}

    @cached_property
    def _masks(self) -> Mapping[str, int]:
        """By commit the baselines in whose history it is, as bits; a baseline is in its own."""
        masks = {commit: self._bits.get(commit, 0) for commit in self._commits}
        for commit in self._commits.values():
            if mask := masks[commit.id]:
                for parent in commit.parents:
                    if parent in masks:
                        masks[parent] |= mask
        return masks

    def within(self, commit: str, baseline: str) -> bool:
        """Whether ``commit`` is ``baseline`` or in its history."""
        return commit not in self._commits or bool(self._masks[commit] & self._bits[baseline])

    @cached_property
    def trailers(self) -> Mapping[str, tuple[Trailer | Malformed, ...]]:
        """By commit its ``release:`` lines, for those that have any; children first."""
        found = (
            (commit.id, parse_trailers(commit.message))
            for commit in self._commits.values()
            if "release" in commit.message.lower()
        )
        return {commit: lines for commit, lines in found if lines}

    @cached_property
    def named(self) -> frozenset[str]:
        """The packages that some line names."""
        lines = (line for lines in self.trailers.values() for line in lines)
        return frozenset(name for line in lines if isinstance(line, Trailer) for name in line.names)

    def speaking(self, baseline: str | None) -> tuple[Commit, ...]:
        """The commits since ``baseline`` with ``release:`` lines, children first; all of them for None."""
        if baseline not in self._ranges:
            self._ranges[baseline] = tuple(
                self._commits[commit]
                for commit in self.trailers
                if baseline is None or not self.within(commit, baseline)
            )
        return self._ranges[baseline]

    def said(self, name: str, baseline: str | None) -> Iterator[tuple[Commit, Trailer]]:
        """The lines since ``baseline`` that speak of a package, newest first; at most one of a commit."""
        for commit in self.speaking(baseline):
            if (line := speaks_of(name, self.trailers[commit.id])) is not None:
                yield commit, line

    def unskipped(self, name: str, head: str, baseline: str | None) -> str | None:
        """The newest commit of the branch that does not say ``skip`` of the package.

        ``head`` itself most of the time, the baseline when all since say it, and None when the first
        commit of the repository does.
        """
        at: str | None = head
        while (
            at is not None and at != baseline and at in self._commits and self._skips(self._commits[at], name)
        ):
            at = next(iter(self._commits[at].parents), None)
        return at

    def _skips(self, commit: Commit, name: str) -> bool:
        """A merge that says nothing itself is what all the commits say that it brings in."""
        if commit.id in self.trailers:
            line = speaks_of(name, self.trailers[commit.id])
            return line is not None and line.said == "skip"
        brought = self._brought(commit)
        return bool(brought) and all(
            (line := speaks_of(name, self.trailers.get(each, ()))) is not None and line.said == "skip"
            for each in brought
        )

    def _brought(self, merge: Commit) -> frozenset[str]:
        """The commits that a merge adds to its branch, but for merges themselves."""
        if len(merge.parents) < 2 or not self._any_skip:
            return frozenset()
        if merge.id not in self._added:
            own, *others = merge.parents
            new = self._ancestors(others) - self._ancestors([own])
            self._added[merge.id] = frozenset(each for each in new if len(self._commits[each].parents) < 2)
        return self._added[merge.id]

    @cached_property
    def _any_skip(self) -> bool:
        return any(
            isinstance(line, Trailer) and line.said == "skip"
            for lines in self.trailers.values()
            for line in lines
        )

    def _ancestors(self, commits: Iterable[str]) -> set[str]:
        ahead, found = list(commits), set[str]()
        while ahead:
            commit = ahead.pop()
            if commit in self._commits and commit not in found:
                found.add(commit)
                ahead += self._commits[commit].parents
        return found


def speaks_of(name: str, lines: Iterable[Trailer | Malformed]) -> Trailer | None:
    """The line of one commit that counts for a package: the last that names it, else the last for all."""
    good = [line for line in lines if isinstance(line, Trailer)]
    named = [line for line in good if name in line.names]
    return next(reversed(named or [line for line in good if not line.names]), None)
