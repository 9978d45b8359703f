"""Walks over the graph as lists of integers."""

from __future__ import annotations

from piot.model.catalog import Adjacency


def reach(
    edges: Adjacency,
    start: frozenset[int],
    depth: int | None = None,
    within: frozenset[int] | None = None,
) -> frozenset[int]:
    """``start`` and what it reaches over at most ``depth`` edges (None: any number), inside ``within``."""
    seen = set(start)
    edge = seen
    while edge and depth != 0:
        edge = {number for each in edge for number in edges[each]} - seen
        if within is not None:
            edge &= within
        seen |= edge
        depth = None if depth is None else depth - 1
    return frozenset(seen)


def shortest(edges: Adjacency, start: frozenset[int], end: frozenset[int]) -> tuple[int, ...]:
    """A path with the fewest edges from some ``start`` to some ``end``; of several, the lowest numbers.

    Empty when there is none.
    """
    before: dict[int, int | None] = dict.fromkeys(sorted(start))
    edge = list(before)
    while edge:
        if there := end.intersection(edge):
            return _back(before, min(there))
        following: list[int] = []
        for number in edge:
            for dep in edges[number]:
                if dep not in before:
                    before[dep] = number
                    following.append(dep)
        edge = following
    return ()


def _back(before: dict[int, int | None], number: int) -> tuple[int, ...]:
    path: list[int] = []
    at: int | None = number
    while at is not None:
        path.append(at)
        at = before[at]
    return tuple(reversed(path))
