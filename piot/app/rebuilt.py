"""What is *rebuilt, not released*: packages with other build inputs than at their last release.

A plan speaks of ``paths`` and ``depends_on``; a build reads more: lock files, settings of cargo, manifests of
a workspace, crates that ``depends_on`` does not know, and what the configuration says.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from piot.app.catalog import read_catalog
from piot.app.session import LOCK
from piot.app.where import Where
from piot.effects import revisions
from piot.effects.git import CONFIG
from piot.errors import InputError
from piot.load.config import parse_config
from piot.load.repository import SETTINGS
from piot.model.catalog import Catalog
from piot.model.globs import Globs
from piot.model.package import Config, CratesSettings, Package
from piot.model.rebuilt import Rebuilt
from piot.query.changes import uses


def rebuilt(
    root: Path, where: Where, config: Config, head: str, baselines: Mapping[str, str]
) -> tuple[Rebuilt, ...]:
    """Those among the packages of ``baselines``, which are not planned, with the commit of each's last
    release."""
    if not baselines:
        return ()
    seen = _Compared(root, where, config, head)
    return tuple(found for name in baselines if (found := seen.of(name, baselines)) is not None)


class _Compared:
    def __init__(self, root: Path, where: Where, config: Config, head: str) -> None:
        self._root = root
        self._where = where
        self._config = config
        self._head = head
        self._packages = {package.name: package for package in config.packages}
        self._globs = {package.name: Globs.parse(package.paths) for package in config.packages}
        self._folders: dict[str, list[str]] = {}
        for package in config.packages:
            self._folders.setdefault(package.path, []).append(package.name)
        self._ids: dict[tuple[str, str], str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._differences: dict[str, revisions.Differences] = {}
        self._configs: dict[str, Config | None] = {}
        self._others: dict[int, frozenset[str]] = {}

    def of(self, name: str, baselines: Mapping[str, str]) -> Rebuilt | None:
        """What is made otherwise of one package."""
        self._ask(baselines)
        base = baselines[name]
        affected: dict[str, set[str]] = {}
        for number in self._own(name):
            files = set(self._differing(name, base, number))
            if files:
                affected[self._catalog.labels[number]] = files
        if not affected:
            return None
        every = sorted({file for found in affected.values() for file in found})
        return Rebuilt(package=name, targets=tuple(sorted(affected)), files=tuple(every))

    @cached_property
    def _catalog(self) -> Catalog:
        return read_catalog(self._root, self._where)

    def _own(self, name: str) -> list[int]:
        """The targets of a package that are released, or that such are made from."""
        catalog = self._catalog
        rows = enumerate(zip(catalog.packages, catalog.roles, strict=True))
        return [number for number, (package, roles) in rows if package == name and "test" not in roles]

    def _reached(self, number: int) -> frozenset[int]:
        """The target and all that it is made from."""
        seen, waiting = {number}, [number]
        while waiting:
            user = waiting.pop()
            fresh = [d for d in self._catalog.forward[user] if d not in seen and uses(self._catalog, user, d)]
            seen.update(fresh)
            waiting += fresh
        return frozenset(seen)

    def _differing(self, name: str, base: str, number: int) -> Iterator[str]:
        for path in self._outside(name, number):
            if self._ids.get((base, path)) != self._ids.get((self._head, path)):
                yield path
        yield from self._gone(name, base, number)
        if self._configured(name, base) != self._configured(name, self._head):
            yield self._config_path

    def _outside(self, name: str, number: int) -> frozenset[str]:
        """Inputs that the plan does not look at for this package; those too that are not there now."""
        if number not in self._others:
            known = [self._globs[each] for each in self._closure(name)]
            rows = self._catalog.rows()
            files = {path for each in self._reached(number) for path in rows[each][3]}
            files |= {LOCK, *self._settings(name)}
            others = (path for path in files if not any(globs.matches(path) for globs in known))
            self._others[number] = frozenset(others)
        return self._others[number]

    def _settings(self, name: str) -> Iterator[str]:
        """Where cargo and rustup would look for settings, for what is compiled."""
        package = self._packages[name]
        if package.kind == "npm" and not package.targets:
            return
        parts = () if package.path == "." else tuple(package.path.split("/"))
        for count in range(len(parts) + 1):
            yield from ("/".join((*parts[:count], each)) for each in (*SETTINGS, "Cargo.lock"))

    def _gone(self, name: str, base: str, number: int) -> Iterator[str]:
        """Files that were inputs and are not there now, of packages that ``depends_on`` does not know."""
        others = {each for path in self._outside(name, number) for each in self._around(path)}
        others -= self._closure(name)
        if not others:
            return
        if base not in self._differences:
            environ = self._where.environ
            self._differences[base] = revisions.between(self._root, base, self._head, environ)
        for path in self._differences[base].gone:
            if any(self._globs[each].matches(path) for each in others):
                yield path

    def _around(self, path: str) -> Iterator[str]:
        """The packages whose folder a file lies in, the root's aside: all files lie in that."""
        folder = path
        while "/" in folder:
            folder = folder.rpartition("/")[0]
            yield from self._folders.get(folder, ())

    def _closure(self, name: str) -> frozenset[str]:
        seen, waiting = {name}, [name]
        while waiting:
            fresh = [each for each in self._packages[waiting.pop()].depends_on if each not in seen]
            seen.update(fresh)
            waiting += fresh
        return frozenset(seen)

    @property
    def _config_path(self) -> str:
        return CONFIG if self._where.config is None else os.fspath(self._where.config)

    def _ask(self, baselines: Mapping[str, str]) -> None:
        """Asks git for everything at once, on first use."""
        if self._asked:
            return
        for name, base in baselines.items():
            for number in self._own(name):
                paths = (*self._outside(name, number), self._config_path)
                self._asked |= {(commit, path) for path in paths for commit in (base, self._head)}
        self._ids = revisions.ids(self._root, sorted(self._asked), self._where.environ)

    def _configured(self, name: str, commit: str) -> object:
        """What the configuration of a commit says of how a package is built; None where it cannot be read."""
        blob = self._ids.get((commit, self._config_path))
        if blob is None:
            return None
        if blob not in self._configs:
            self._configs[blob] = self._parsed(blob)
        config = self._configs[blob]
        package = None if config is None else config.package(name)
        if config is None or package is None:
            return None
        return config.settings.glibc, _built(package)

    def _parsed(self, blob: str) -> Config | None:
        (data,) = revisions.contents(self._root, (blob,), self._where.environ)
        try:
            return parse_config(data.decode("utf-8", "replace"), self._config_path)
        except InputError:
            return None


def _built(package: Package) -> object:
    """All of a package that its artifacts follow from."""
    settings = package.settings
    if not isinstance(settings, CratesSettings):
        specs: Iterable[object] = (replace(spec, runner=None) for spec in settings.targets)
        return (
            package.path,
            package.paths,
            package.env,
            package.system,
            replace(settings, targets=()),
            tuple(specs),
        )
    return package.path, package.paths, package.env, package.system, settings
