"""Makes the catalog that questions are put to of a graph that was loaded."""

from __future__ import annotations

from collections.abc import Mapping

from piot.load.attribute_data import as_data
from piot.load.inputs import InputFiles
from piot.load.repository import Repository
from piot.model.catalog import Columns, Data, Rows
from piot.model.target import Target, TargetGraph


def columns_of(graph: TargetGraph) -> Columns:
    """What every question needs."""
    roles = {
        key: (*schema.provides, *(("test",) if schema.test else ())) for key, schema in graph.rules.items()
    }
    return (
        tuple(str(target.label) for target in graph.targets),
        tuple(graph.rules[target.rule].name for target in graph.targets),
        tuple(roles[target.rule] for target in graph.targets),
        tuple(target.package for target in graph.targets),
        graph.forward,
        graph.backward,
    )


def rows_of(graph: TargetGraph, repository: Repository, definitions: Mapping[str, tuple[str, ...]]) -> Rows:
    """The details of all targets; ``definitions`` are the files behind the BUILD file of each folder."""
    inputs = InputFiles(repository)
    defaults = {
        key: {attr.name: as_data(attr.default) for attr in schema.attrs if attr.default is not None}
        for key, schema in graph.rules.items()
    }
    return tuple(
        (
            target.rule,
            target.location,
            _attrs(target, defaults[target.rule]),
            inputs.of(target),
            _definitions(target, definitions),
        )
        for target in graph.targets
    )


def _definitions(target: Target, definitions: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    if target.package:
        return (target.location.rpartition(":")[0],)
    return definitions.get(target.label.package, ())


def _attrs(target: Target, defaults: Mapping[str, Data]) -> dict[str, Data]:
    return dict(sorted({**defaults, **{name: as_data(value) for name, value in target.attrs}}.items()))
