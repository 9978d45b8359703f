"""What is *rebuilt, not released*: packages with other build inputs than at their last release.

A plan speaks of ``paths`` and ``depends_on``; a build reads more: lock files, settings of cargo, manifests of
a workspace, crates that ``depends_on`` does not know, and what the configuration says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from piot.app.session.session import Session
from piot.cascade.graph import closures
from piot.ci.input_keys import made_from
from piot.effects import revisions
from piot.effects.git import CONFIG
from piot.effects.history import History
from piot.errors import InputError
from piot.load.config import parse_config
from piot.load.inputs import Beside, InputFiles
from piot.model.globs import Globs
from piot.model.history import Change
from piot.model.label import Label
from piot.model.package import CratesSettings, Package
from piot.model.pins import LOCK
from piot.model.release.rebuilt import Rebuilt
from piot.model.rule import PUBLISH
from piot.model.settings import Config
from piot.model.tree_diff import Pair, TreeDiff


def rebuilt(session: Session, head: str, baselines: Mapping[str, str]) -> tuple[Rebuilt, ...]:
    """Those among the packages of ``baselines``, which are not planned, with the commit of each's last
    release; ``head`` is the commit that is planned."""
    if not baselines:
        return ()
    seen = _Compared(session, head, baselines)
    return tuple(found for name in baselines if (found := seen.of(name)) is not None)


class _Compared:
    def __init__(self, session: Session, head: str, baselines: Mapping[str, str]) -> None:
        self._session = session
        self._history = History(session.root, session.where.environ)
        self._head = head
        self._baselines = baselines
        self._packages = {package.name: package for package in session.config.packages}
        self._inputs = InputFiles(session.repository)
        self._beside: dict[Label, Beside] = {}
        self._closures = closures(session.config.packages)
        self._beyond: dict[tuple[str, Label], list[str]] = {}
        self._globs: dict[str, Globs] = {}
        self._configs: dict[str, Config | None] = {}

    def of(self, name: str) -> Rebuilt | None:
        """What is made otherwise of one package."""
        config = next(iter(self._changes(name, self._config_path)), None)
        same = config is None or self._configured(name, config, config.before) == self._configured(
            name, config, config.after
        )
        affected: dict[str, set[str]] = {}
        for label in self._labels.get(name, ()):
            files = {*self._differing(name, label), *(() if same else (self._config_path,))}
            if files:
                affected[str(label)] = files
        every = sorted({file for files in affected.values() for file in files})
        return Rebuilt(package=name, targets=tuple(sorted(affected)), files=tuple(every)) if every else None

    @cached_property
    def _labels(self) -> dict[str, list[Label]]:
        """The targets of each package that are built, but for tests."""
        found: dict[str, list[Label]] = {}
        for target in self._session.graph.targets:
            test = self._session.graph.schema(target.label).test
            if target.package and not test and target.rule != PUBLISH:
                found.setdefault(target.package, []).append(target.label)
        return found

    def _differing(self, name: str, label: Label) -> Iterator[str]:
        for path in self._outside(name, label):
            yield from (change.path for change in self._changes(name, path))
        for globs in self._others(name, label):
            for root in globs.roots():
                yield from (each.path for each in self._changes(name, root) if globs.matches(each.path))

    def _changes(self, name: str, place: str) -> tuple[Change, ...]:
        """What is another file, or has another mode, than at the last release, at or below ``place``."""
        return self._diff.changes(self._pairs[self._baselines[name]], place)

    @cached_property
    def _pairs(self) -> dict[str, Pair]:
        """By the commit of a release its tree and that of today."""
        trees = self._history.trees((*self._baselines.values(), self._head))
        return {base: (trees[base], trees[self._head]) for base in self._baselines.values()}

    @cached_property
    def _diff(self) -> TreeDiff:
        """All that is asked for, compared at once."""
        wanted: dict[Pair, set[str]] = {}
        for name, base in self._baselines.items():
            places = wanted.setdefault(self._pairs[base], {self._config_path})
            for label in self._labels.get(name, ()):
                places.update(self._outside(name, label))
                places.update(root for globs in self._others(name, label) for root in globs.roots())
        return self._history.diff({pair: frozenset(places) for pair, places in wanted.items()})

    def _others(self, name: str, label: Label) -> list[Globs]:
        """The patterns of packages that it is made from, though it does not depend on them."""
        return [self._globs_of(each) for each in sorted(self._reached(label).packages - self._closure(name))]

    def _outside(self, name: str, label: Label) -> list[str]:
        """Files that the plan does not look at for this package."""
        if (name, label) not in self._beyond:
            files, known = self._reached(label).files | {LOCK}, self._closure(name)
            self._beyond[name, label] = [
                path for path in files if not any(self._globs_of(each).matches(path) for each in known)
            ]
        return self._beyond[name, label]

    def _reached(self, label: Label) -> Beside:
        """What a target, and what it is made from, reads beside its own sources."""
        if label not in self._beside:
            graph = self._session.graph
            own = self._inputs.beside(graph[label])
            inner = [self._reached(each) for each in made_from(graph, label)]
            owners = {graph[each].package for each in (label, *made_from(graph, label))}
            packages = own.packages.union(*(each.packages for each in inner))
            self._beside[label] = Beside(
                packages | {each for each in owners if each}, own.files.union(*(each.files for each in inner))
            )
        return self._beside[label]

    def _globs_of(self, name: str) -> Globs:
        if name not in self._globs:
            self._globs[name] = Globs.parse(self._packages[name].paths)
        return self._globs[name]

    def _closure(self, name: str) -> frozenset[str]:
        return frozenset((name, *self._closures[name]))

    @property
    def _config_path(self) -> str:
        named = self._session.where.config
        return CONFIG if named is None else os.fspath(named)

    def _configured(self, name: str, change: Change, blob: str) -> object:
        """What the configuration of a commit says of how a package is built; None where it cannot be read."""
        if not blob.strip("0"):
            return None
        if blob not in self._configs:
            self._configs[blob] = self._session.config if blob == change.after else self._parsed(blob)
        config = self._configs[blob]
        package = None if config is None else config.package(name)
        return None if config is None or package is None else (config.settings.glibc, _built(package))

    def _parsed(self, blob: str) -> Config | None:
        (data,) = revisions.contents(self._session.root, (blob,), self._session.where.environ)
        try:
            return parse_config(data.decode("utf-8", "replace"), self._config_path)
        except InputError:
            return None


def _built(package: Package) -> object:
    """All of a package that its artifacts follow from."""
    settings = package.settings
    common = (package.path, package.paths, package.env, package.system)
    if isinstance(settings, CratesSettings):
        return *common, settings
    specs = tuple(replace(spec, runner=None) for spec in settings.targets)
    return *common, replace(settings, targets=()), specs
