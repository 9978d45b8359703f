"""The graph as questions see it: columns of text and integers, and the rest of a target when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from piot.model.rule import publishes

Adjacency: TypeAlias = tuple[tuple[int, ...], ...]
"""By the number of a target, the numbers of its neighbours."""

Data: TypeAlias = "str | bool | int | list[Data] | dict[str, Data]"
"""An attribute as JSON can say it."""

Columns: TypeAlias = tuple[
    tuple[str, ...],
    tuple[str, ...],
    tuple[tuple[str, ...], ...],
    tuple[str | None, ...],
    Adjacency,
    Adjacency,
]
"""Labels, kinds, roles, packages, dependencies and dependents of all targets: what every question needs."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What only some questions ask of a target; plain data, so that it can be kept between runs.

    ``rule`` is ``RuleSchema.key``. ``attrs`` are the attributes as given, else their defaults. ``inputs``
    are the source files that it declares, sorted; ``definitions`` the files that say what it is.
    """

    rule: str
    location: str
    attrs: dict[str, Data]
    inputs: tuple[str, ...]
    definitions: tuple[str, ...]


Rows: TypeAlias = tuple[tuple[str, str, dict[str, Data], tuple[str, ...], tuple[str, ...]], ...]
"""The fields of ``Detail`` for every target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All targets, numbered in the order of their labels. Made by ``Catalog.of``.

    ``kinds`` are names of rules, ``packages`` those of putitoutthere.toml. ``roles`` are the names of the
    providers that a rule is known to give, and ``test`` for a test. ``publishing`` are the publish nodes,
    which only their labels choose. ``rows`` gives the details of all targets, and ``files`` all source files,
    sorted: both cost most. ``sources`` gives the files that were read, or looked for in vain, to make it: as
    long as they and the names of files are the same, so is all of
    it.
    """

    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    roles: tuple[tuple[str, ...], ...] = field(repr=False)
    packages: tuple[str | None, ...]
    forward: Adjacency = field(repr=False)
    backward: Adjacency = field(repr=False)
    index: Mapping[str, int] = field(repr=False)
    publishing: frozenset[int] = field(repr=False)
    rows: Callable[[], Rows] = field(repr=False, compare=False)
    files: Callable[[], tuple[str, ...]] = field(repr=False, compare=False)
    sources: Callable[[], frozenset[str]] = field(default=frozenset, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        columns: Columns,
        rows: Callable[[], Rows],
        files: Callable[[], tuple[str, ...]] = tuple,
        sources: Callable[[], frozenset[str]] = frozenset,
    ) -> Catalog:
        labels, kinds, roles, packages, forward, backward = columns
        sending = {kind for kind in set(kinds) if publishes(kind)}
        return cls(
            labels=labels,
            kinds=kinds,
            roles=roles,
            packages=packages,
            forward=forward,
            backward=backward,
            files=files,
            sources=sources,
            index=dict(zip(labels, range(len(labels)), strict=True)),
            publishing=frozenset(number for number, kind in enumerate(kinds) if kind in sending),
            rows=rows,
        )

    def detail(self, number: int) -> Detail:
        return Detail(*self.rows()[number])
