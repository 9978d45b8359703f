"""The functions of the query language; each walks the graph as lists of integers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from piot.model.target import Adjacency
from piot.query.expression import Expression, Patterns, Word

ALL = Patterns((Word("//...", 0),))


class Asked(Protocol):
    """A query while it is answered, as functions see it: their arguments become values when they ask."""

    @property
    def forward(self) -> Adjacency:
        """The numbers of each target's dependencies."""
        ...

    @property
    def backward(self) -> Adjacency:
        """The numbers of each target's dependents."""
        ...

    def targets(self, expression: Expression) -> frozenset[int]:
        """The numbers of the targets that an argument chooses."""
        ...

    def number(self, expression: Expression) -> int:
        """An argument that is a whole number; raises UsageError."""
        ...

    def is_number(self, expression: Expression) -> bool:
        """Whether an argument is written as a whole number."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function by how it is written, with the least and the most arguments that it takes."""

    usage: str
    least: int
    most: int
    run: Callable[[Asked, Sequence[Expression]], frozenset[int]]


def _deps(asked: Asked, arguments: Sequence[Expression]) -> frozenset[int]:
    depth = asked.number(arguments[1]) if len(arguments) > 1 else None
    return reach(asked.forward, asked.targets(arguments[0]), depth)


def _rdeps(asked: Asked, arguments: Sequence[Expression]) -> frozenset[int]:
    """``rdeps(x, 1)`` is a depth where ``rdeps(universe, x)`` is not; the universe is closed under deps."""
    given = list(arguments)
    if len(given) == 1 or (len(given) == 2 and asked.is_number(given[1])):
        given.insert(0, ALL)
    universe = reach(asked.forward, asked.targets(given[0]))
    depth = asked.number(given[2]) if len(given) > 2 else None
    return reach(asked.backward, asked.targets(given[1]) & universe, depth, universe)


FUNCTIONS: Mapping[str, Function] = {
    "deps": Function(usage="deps(x[, depth])", least=1, most=2, run=_deps),
    "rdeps": Function(usage="rdeps([universe,] x[, depth])", least=1, most=3, run=_rdeps),
}


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
