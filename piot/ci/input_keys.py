"""What an artifact is made of, as one digest that any machine computes: declared inputs and configuration.

Unlike the key of an action it holds no toolchain, so it is known before there is a machine that has one.
It never holds the label of a CI machine, nor which other platforms a target is declared for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from piot.model.label import Label
from piot.model.release.matrix import Row
from piot.model.rule import Plain, Sources, StringMap, Triples
from piot.model.select import Value, plain_parts, resolve_select
from piot.model.target import Target, TargetGraph
from piot.model.triple import Triple

ORDER = "depends_on"
"""What built-in rules call the targets that are released before, of which nothing is an input."""

ELSEWHERE = ("runners", "targets")
"""Attributes of what is built for one platform that are about others, or about where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """``files`` gives the source files of a target, ``contents`` mode and id of each file by path.

    ``everywhere`` is what goes into every key, such as pinned tools.
    """

    graph: TargetGraph
    files: Callable[[Label], Iterable[str]]
    contents: Mapping[str, str]
    everywhere: tuple[str, ...] = ()


@dataclass(slots=True)
class InputKeys:
    """The input keys of targets; each is made once for each configuration."""

    of: Inputs
    _made: dict[tuple[Label, str | None, str | None], str] = field(
        default_factory=dict[tuple[Label, str | None, str | None], str]
    )

    def of_row(self, row: Row) -> str:
        """The hex SHA-256 of a row, with the version that is stamped into it."""
        own = self.of_target(Label.parse(row.label), row.triple, row.python)
        return _digest([own, row.version])

    def of_target(self, label: Label, triple: str | None, python: str | None = None) -> str:
        """The hex SHA-256 of one target in one configuration, and of all that it is made from."""
        asked = (label, triple, python)
        if asked not in self._made:
            self._made[asked] = self._key(label, triple, python)
        return self._made[asked]

    def _key(self, label: Label, triple: str | None, python: str | None) -> str:
        target, schema = self.of.graph[label], self.of.graph.schema(label)
        own = triple if "triple" in schema.configured_by else None
        files = {*self.of.files(label), *(() if schema.file.cell else (schema.file.path,))}
        return _digest(
            [
                target.rule,
                own,
                python,
                [[name, _plain(value, own)] for name, value in self._attrs(target, own)],
                [[path, self.of.contents.get(path)] for path in sorted(files)],
                [self.of_target(dep, triple) for dep in made_from(self.of.graph, label)],
                self.of.everywhere,
            ]
        )

    def _attrs(self, target: Target, triple: str | None) -> list[tuple[str, Value]]:
        builtin = bool(self.of.graph.schema(target.label).file.cell)
        left_out = {ORDER} if builtin else set[str]()
        left_out |= {*ELSEWHERE} if builtin and triple else set[str]()
        return [(name, value) for name, value in target.attrs if name not in left_out]


def made_from(graph: TargetGraph, label: Label) -> tuple[Label, ...]:
    """The targets whose results a target may use, sorted: not those that are only released before it."""
    target = graph[label]
    builtin = bool(graph.schema(label).file.cell)
    values = (value for name, value in target.attrs if not (builtin and name == ORDER))
    parts = [part for value in values for part in plain_parts(value)]
    several = [item for part in parts if isinstance(part, tuple) for item in part]
    return tuple(sorted({each for each in (*parts, *several) if isinstance(each, Label) and each in graph}))


def _plain(value: Value, triple: str | None) -> object:
    """An attribute as JSON says it, for one triple."""
    return _json(resolve_select(value, Triple.parse(triple) if triple else None))


def _json(value: Plain) -> object:
    match value:
        case StringMap():
            return [[name, text] for name, text in value.entries]
        case Sources():
            return [list(value.files), list(value.globs)]
        case Triples():
            return list(value.names)
        case tuple():
            return [str(item) for item in value]
        case str() | bool() | int():
            return value
        case _:
            return str(value)


def _digest(content: object) -> str:
    said = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
