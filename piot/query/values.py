"""What a query can be about: targets, as numbers of a catalog, or files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from piot.errors import UsageError
from piot.model.catalog import Catalog, Data
from piot.query.expression import Expression


@dataclass(frozen=True, slots=True)
class Files:
    """Paths relative to the repository root."""

    paths: frozenset[str]


Found: TypeAlias = frozenset[int] | Files


class Revisions(Protocol):
    """What differs between revisions of the checkout."""

    def commit(self, text: str) -> str | None:
        """The commit that a revision names; None when there is none."""
        ...

    def changed(self, base: str, head: str | None) -> frozenset[int]:
        """The targets whose own inputs differ between two commits; no ``head`` is the work tree."""
        ...


class Asked(Protocol):
    """A query while it is answered, as functions see it: their arguments become values when they ask."""

    @property
    def catalog(self) -> Catalog:
        """All targets."""
        ...

    @property
    def revisions(self) -> Revisions:
        """The history of the checkout; raises UsageError where none is known."""
        ...

    def value(self, expression: Expression) -> Found:
        """What an argument chooses, targets or files."""
        ...

    def targets(self, expression: Expression) -> frozenset[int]:
        """The targets that an argument chooses; files stand for their owners."""
        ...

    def file(self, expression: Expression) -> str | None:
        """The file that an argument names; None when it is something else."""
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


def texts(data: Data) -> Iterator[str]:
    """What ``attr`` looks at: each item of a list, ``key=value`` of a map, every branch of ``select()``."""
    match data:
        case bool():
            yield "true" if data else "false"
        case list():
            for item in data:
                yield from texts(item)
        case dict():
            branches = data.get("select")
            if isinstance(branches, dict):
                for value in (data.get("always", []), *branches.values()):
                    yield from texts(value)
            else:
                yield from (f"{name}={value}" for name, value in data.items())
        case _:
            yield str(data)
