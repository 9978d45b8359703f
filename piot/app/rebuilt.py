"""What is *rebuilt, not released*: packages with other build inputs than at their last release.

A plan speaks of ``paths`` and ``depends_on``; a build reads more: lock files, settings of cargo, manifests of
a workspace, crates that ``depends_on`` does not know, and what the configuration says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from piot.app.session import Session
from piot.cascade.graph import closures
from piot.ci.input_keys import made_from
from piot.effects import revisions
from piot.effects.git import CONFIG
from piot.errors import InputError
from piot.load.config import parse_config
from piot.load.inputs import Beside, InputFiles
from piot.model.globs import Globs
from piot.model.label import Label
from piot.model.package import Config, CratesSettings, Package
from piot.model.pins import LOCK
from piot.model.rebuilt import Rebuilt
from piot.model.rule import PUBLISH


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
        self._environ = session.where.environ
        self._head = head
        self._baselines = baselines
        self._packages = {package.name: package for package in session.config.packages}
        self._inputs = InputFiles(session.repository)
        self._beside: dict[Label, Beside] = {}
        self._closures = closures(session.config.packages)
        self._beyond: dict[tuple[str, Label], list[str]] = {}
        self._globs: dict[str, Globs] = {}
        self._differences: dict[str, frozenset[str]] = {}
        self._configs: dict[str, Config | None] = {}

    def of(self, name: str) -> Rebuilt | None:
        """What is made otherwise of one package."""
        base = self._baselines[name]
        config = [self._ids.get((commit, self._config_path)) for commit in (base, self._head)]
        same = config[0] == config[1] or self._configured(name, base) == self._configured(name, self._head)
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
        base = self._baselines[name]
        for path in self._outside(name, label):
            if self._ids.get((base, path)) != self._ids.get((self._head, path)):
                yield path
        others = self._reached(label).packages - self._closure(name)
        for path in self._changed(base) if others else ():
            if any(self._in(each, path) for each in others):
                yield path

    def _outside(self, name: str, label: Label) -> list[str]:
        """Files that the plan does not look at for this package."""
        if (name, label) not in self._beyond:
            files, known = self._reached(label).files | {LOCK}, self._closure(name)
            self._beyond[name, label] = [
                path for path in files if not any(self._in(each, path) for each in known)
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

    def _in(self, name: str, path: str) -> bool:
        if name not in self._globs:
            self._globs[name] = Globs.parse(self._packages[name].paths)
        return self._globs[name].matches(path)

    def _changed(self, base: str) -> frozenset[str]:
        if base not in self._differences:
            found = revisions.between(self._session.root, base, self._head, self._environ)
            self._differences[base] = found.there | found.gone
        return self._differences[base]

    def _closure(self, name: str) -> frozenset[str]:
        return frozenset((name, *self._closures[name]))

    @property
    def _config_path(self) -> str:
        named = self._session.where.config
        return CONFIG if named is None else os.fspath(named)

    @cached_property
    def _ids(self) -> Mapping[tuple[str, str], str]:
        """What git has of all files outside, at all commits: asked at once."""
        asked: set[tuple[str, str]] = set()
        for name, base in self._baselines.items():
            files = {path for label in self._labels.get(name, ()) for path in self._outside(name, label)}
            asked |= {(commit, path) for path in (*files, self._config_path) for commit in (base, self._head)}
        return revisions.ids(self._session.root, sorted(asked), self._environ)

    def _configured(self, name: str, commit: str) -> object:
        """What the configuration of a commit says of how a package is built; None where it cannot be read."""
        blob = self._ids.get((commit, self._config_path))
        if blob is None:
            return None
        if blob not in self._configs:
            now = self._ids.get((self._head, self._config_path))
            self._configs[blob] = self._session.config if blob == now else self._parsed(blob)
        config = self._configs[blob]
        package = None if config is None else config.package(name)
        return None if config is None or package is None else (config.settings.glibc, _built(package))

    def _parsed(self, blob: str) -> Config | None:
        (data,) = revisions.contents(self._session.root, (blob,), self._environ)
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
