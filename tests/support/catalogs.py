"""Catalogs of small graphs, for tests of queries."""

from __future__ import annotations

from collections.abc import Mapping

from piot.load.catalog import columns_of
from piot.model.catalog import Catalog, Data
from piot.model.label import Label
from piot.model.rule import RuleSchema
from piot.model.target import Target, TargetGraph

Known = tuple[str, dict[str, Data], tuple[str, ...]]
"""The kind, attributes and inputs of a target."""


def catalog_of(edges: Mapping[str, tuple[str, ...]], known: Mapping[str, Known] | None = None) -> Catalog:
    """From labels to the labels that each depends on; targets below ``//a`` are of the package ``pkg-a``.

    ``known`` is more about some targets; all others are of the kind ``any``, without inputs.
    """
    about = known or {}
    kinds = {"any", *(kind for kind, _, _ in about.values())}
    graph = TargetGraph.of(
        (_target(name, deps, about.get(name, ("any", {}, ()))[0]) for name, deps in edges.items()),
        {kind: RuleSchema(name=kind, attrs=(), location="@piot//rules:any.py:1") for kind in kinds},
    )
    rows = tuple(_row(target, *about.get(str(target.label), ("any", {}, ()))) for target in graph.targets)
    files = sorted({path for row in rows for path in (*row[3], *row[4])} | {"unused.txt"})
    return Catalog.of(columns_of(graph), lambda: rows, lambda: tuple(files))


def _target(name: str, deps: tuple[str, ...], kind: str) -> Target:
    label = Label.parse(name)
    return Target(
        label=label,
        rule=kind,
        attrs=(("deps", tuple(map(Label.parse, deps))),) if deps else (),
        package="pkg-a" if label.package == "a" else None,
    )


def _row(
    target: Target, kind: str, attrs: dict[str, Data], inputs: tuple[str, ...]
) -> tuple[str, str, dict[str, Data], tuple[str, ...], tuple[str, ...]]:
    folder = target.label.package
    return kind, f"{folder}/BUILD:1", attrs, inputs, (f"{folder}/BUILD" if folder else "BUILD",)
