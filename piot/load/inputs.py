"""The source files that targets are made from: those that they declare, and what a build reads besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from piot.errors import InputError
from piot.load.npm_inputs import NPM_RULES, npm_inputs
from piot.load.packages import OVER_CARGO
from piot.load.repository import Repository
from piot.model.cargo.facts import SETTINGS, Workspace
from piot.model.globs import Globs
from piot.model.package import Package
from piot.model.rule import Source, Sources
from piot.model.select import Value, plain_parts
from piot.model.target import Target

CARGO_RULES = (*OVER_CARGO, "rust_crate")
"""Rules that stage the crates which they reach, and the settings of cargo (``piot.api.cargo_stage``)."""

MATURIN_RULES = ("maturin_sdist", "maturin_wheel")
"""Those among them whose crate is where pyproject.toml says."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a target is made from beside its own ``srcs``: all of these ``packages``, and ``files``.

    ``files`` may be missing: it matters too when one that would be read appears.
    """

    packages: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


class InputFiles:
    """Of the targets of one repository."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._tree = repository.tree
        self._crates: dict[str, Beside] = {}
        self._selected: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, target: Target) -> tuple[str, ...]:
        """All that are there, sorted; those over cargo have those of the crates that they reach too."""
        beside = self.beside(target)
        found = {path for _, value in target.attrs for path in self._named(value)}
        found.update(path for path in beside.files if path in self._tree)
        for package in self._repository.config.packages if beside.packages else ():
            if package.name in beside.packages:
                found.update(self._select(package.paths))
        return tuple(sorted(found))

    def beside(self, target: Target) -> Beside:
        """What its rule reads without an attribute that names it."""
        directory = target.directory
        if target.rule in NPM_RULES:
            own = Beside(files=frozenset(npm_inputs(directory, self._tree)))
        else:
            own = Beside()
        if target.rule not in CARGO_RULES:
            return own
        project = self._repository.pyprojects.get(directory) if target.rule in MATURIN_RULES else None
        crate = self._of_crate(project.crate_directory if project else directory)
        return Beside(own.packages | crate.packages, own.files | crate.files)

    def _named(self, value: Value) -> Iterator[str]:
        for part in plain_parts(value):
            if isinstance(part, Source):
                yield part.path
            elif isinstance(part, Sources):
                yield from part.files
                yield from self._select(part.globs)

    def _select(self, globs: tuple[str, ...]) -> tuple[str, ...]:
        """The files that globs name; only where they can be is looked."""
        if globs and globs not in self._selected:
            parsed = Globs.parse(globs)
            near = (path for root in parsed.roots() for path in self._at(root))
            self._selected[globs] = parsed.select(near)
        return self._selected[globs] if globs else ()

    def _at(self, root: str) -> Iterator[str]:
        if root in self._tree:
            yield root
        yield from self._tree.below(root)

    def _of_crate(self, directory: str) -> Beside:
        """What cargo is given for a crate; nothing where there is none, which is for ``build`` to say."""
        if directory not in self._crates:
            self._crates[directory] = self._staged(directory)
        return self._crates[directory]

    def _staged(self, directory: str) -> Beside:
        workspace = self._workspaces.get(directory)
        if workspace is None:
            return Beside()
        try:
            reach = workspace.reach(directory)
        except InputError:
            return Beside()
        owners = (self._owners.get(crate.directory) for crate in reach)
        files = {workspace.manifest, workspace.lock_path, *_settings(workspace.root)}
        return Beside(frozenset(owner.name for owner in owners if owner), frozenset(files))

    @cached_property
    def _workspaces(self) -> dict[str, Workspace]:
        """By the folder of each crate; the first that has it counts."""
        found: dict[str, Workspace] = {}
        for each in self._repository.workspaces:
            for directory in (*each.members, *each.others):
                found.setdefault(directory, each)
        return found

    @cached_property
    def _owners(self) -> dict[str, Package]:
        """The package of each folder, the one for crates.io before others."""
        found: dict[str, Package] = {}
        for package in self._repository.config.packages:
            if package.path not in found or (
                package.kind == "crates" and found[package.path].kind != "crates"
            ):
                found[package.path] = package
        return found


def _settings(root: str) -> Iterator[str]:
    """Where cargo and rustup look for settings: in the workspace's folder and in those above it."""
    parts = [] if root == "." else root.split("/")
    for count in range(len(parts) + 1):
        yield from ("/".join((*parts[:count], name)) for name in SETTINGS)
