"""The graph as questions see it: columns of text and integers, and the rest of a target when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from piot.model.rule import Plain, Sources, StringMap, Triples
from piot.model.select import Select, SelectList, Value
from piot.model.target import Adjacency

Data: TypeAlias = "str | bool | int | list[Data] | dict[str, Data]"
"""An attribute as JSON can say it."""

Columns: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str | None, ...], Adjacency, Adjacency]
"""Labels, kinds, packages, dependencies and dependents of all targets: what every question needs."""


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

    ``kinds`` are names of rules, ``packages`` those of putitoutthere.toml. ``files`` are all source files,
    sorted. ``rows`` gives the details of all targets, and costs most.
    """

    labels: tuple[str, ...]
    kinds: tuple[str, ...]
    packages: tuple[str | None, ...]
    forward: Adjacency = field(repr=False)
    backward: Adjacency = field(repr=False)
    files: tuple[str, ...] = field(repr=False)
    index: Mapping[str, int] = field(repr=False)
    rows: Callable[[], Rows] = field(repr=False, compare=False)

    @classmethod
    def of(cls, columns: Columns, rows: Callable[[], Rows], files: tuple[str, ...] = ()) -> Catalog:
        labels, kinds, packages, forward, backward = columns
        return cls(
            labels=labels,
            kinds=kinds,
            packages=packages,
            forward=forward,
            backward=backward,
            files=files,
            index=dict(zip(labels, range(len(labels)), strict=True)),
            rows=rows,
        )

    def detail(self, number: int) -> Detail:
        return Detail(*self.rows()[number])


def as_data(value: Value) -> Data:
    """An attribute as plain data.

    Files and globs are one list; a map has text alone for values, so that ``{"select": {…}}``, which stands
    for ``select()`` and with ``"always"`` for ``select_list()``, is never mistaken for one.
    """
    match value:
        case Select():
            return {"select": {name: _plain(branch) for name, branch in value.branches}}
        case SelectList():
            branches: dict[str, Data] = {name: _plain(branch) for name, branch in value.branches}
            return {"always": _plain(value.base), "select": branches}
        case _:
            return _plain(value)


def _plain(value: Plain) -> Data:
    match value:
        case str() | bool() | int():
            return value
        case StringMap():
            return dict(value.entries)
        case Sources():
            return [*value.files, *value.globs]
        case Triples():
            return list(value.names)
        case tuple():
            return [str(item) for item in value]
        case _:
            return str(value)
