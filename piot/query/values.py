"""What a query can be about: targets, as numbers of a catalog, or files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from piot.errors import UsageError
from piot.model.catalog import Catalog
from piot.query.expression import Expression


@dataclass(frozen=True, slots=True)
class Files:
    """Paths relative to the repository root."""

    paths: frozenset[str]


Found: TypeAlias = frozenset[int] | Files


class Asked(Protocol):
    """A query while it is answered, as functions see it: their arguments become values when they ask."""

    @property
    def catalog(self) -> Catalog:
        """All targets."""
        ...

    def value(self, expression: Expression) -> Found:
        """What an argument chooses, targets or files."""
        ...

    def targets(self, expression: Expression) -> frozenset[int]:
        """The targets that an argument chooses; files stand for their owners."""
        ...

    def number(self, expression: Expression) -> int:
        """An argument that is a whole number; raises UsageError."""
        ...

    def is_number(self, expression: Expression) -> bool:
        """Whether an argument is written as a whole number."""
        ...

    def text(self, expression: Expression) -> str:
        """An argument that is one word; raises UsageError."""
        ...

    def paths(self, expression: Expression) -> frozenset[str]:
        """An argument that is paths, or a query that gives files; raises UsageError."""
        ...

    def fault(self, message: str, expression: Expression, hint: str | None = None) -> UsageError:
        """An error that shows where the argument is."""
        ...


Arguments: TypeAlias = Sequence[Expression]


def owners(catalog: Catalog, paths: frozenset[str]) -> frozenset[int]:
    """The targets that have one of the files among their inputs."""
    rows = enumerate(catalog.rows())
    return frozenset(number for number, row in rows if not paths.isdisjoint(row[3])) if paths else frozenset()
