"""Makes the catalog that questions are put to of a graph that was loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from piot.errors import InputError
from piot.load.attribute_data import as_data
from piot.load.npm_inputs import NPM_RULES, npm_inputs
from piot.load.packages import OVER_CARGO
from piot.load.repository import SETTINGS, Repository
from piot.model.catalog import Columns, Data, Rows
from piot.model.globs import Globs
from piot.model.rule import Source, Sources
from piot.model.select import Value, plain_parts
from piot.model.target import Target, TargetGraph

CARGO_RULES = (*OVER_CARGO, "rust_crate")
"""Rules that stage the crates which they reach, and the settings of cargo (``piot.api.cargo_stage``)."""

MATURIN_RULES = ("maturin_sdist", "maturin_wheel")
"""Those among them whose crate is where pyproject.toml says."""


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
    inputs = _Inputs(repository)
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


class _Inputs:
    """The source files that targets declare; those over cargo have those of the crates they reach too."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._crates: dict[str, frozenset[str]] = {}
        self._selected: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, target: Target) -> tuple[str, ...]:
        found = {path for _, value in target.attrs for path in self._named(value)}
        given = target.get("directory")
        directory = given if isinstance(given, str) and given else target.label.package or "."
        if target.rule in NPM_RULES:
            found |= {*npm_inputs(directory, self._repository.tree)}
        if target.rule in CARGO_RULES:
            project = self._repository.pyprojects.get(directory) if target.rule in MATURIN_RULES else None
            found |= self._of_crate(project.crate_directory if project else directory)
        return tuple(sorted(found))

    def _named(self, value: Value) -> Iterator[str]:
        for part in plain_parts(value):
            if isinstance(part, Source):
                yield part.path
            elif isinstance(part, Sources):
                yield from part.files
                yield from self._select(part.globs)

    def _select(self, globs: tuple[str, ...]) -> tuple[str, ...]:
        if globs and globs not in self._selected:
            self._selected[globs] = Globs.parse(globs).select(self._repository.tree.paths)
        return self._selected[globs] if globs else ()

    def _of_crate(self, directory: str) -> frozenset[str]:
        if directory not in self._crates:
            self._crates[directory] = frozenset(self._staged(directory))
        return self._crates[directory]

    def _staged(self, directory: str) -> Iterator[str]:
        """What cargo is given for a crate; nothing where there is none, which is for ``build`` to say."""
        workspaces = self._repository.workspaces
        workspace = next((each for each in workspaces if directory in {**each.members, **each.others}), None)
        if workspace is None:
            return
        try:
            reach = workspace.reach(directory)
        except InputError:
            return
        for crate in reach:
            here = [each for each in self._repository.config.packages if each.path == crate.directory]
            owner = min(here, key=lambda each: each.kind != "crates", default=None)
            yield from self._select(owner.paths) if owner else ()
        around = {workspace.manifest, workspace.lock_path, *_settings(workspace.root)}
        yield from (path for path in sorted(around) if path in self._repository.tree)


def _settings(root: str) -> Iterator[str]:
    """Where cargo and rustup look for settings: in the workspace's folder and in those above it."""
    parts = [] if root == "." else root.split("/")
    for count in range(len(parts) + 1):
        yield from ("/".join((*parts[:count], name)) for name in SETTINGS)
