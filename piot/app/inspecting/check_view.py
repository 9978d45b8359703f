"""Reads a checkout as far as it can be read: what is wrong is noted, and reading goes on."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from piot.app.building.pinning import not_pinned
from piot.app.catalogs.kept import KeptBuildFiles
from piot.app.inspecting.check_history import look_at_history
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.ci.grouping import runner_findings
from piot.effects import clock, git
from piot.effects.stats import signatures
from piot.errors import InputError, Problem, Problems
from piot.inspect.checks.locks import of_problem
from piot.inspect.documents import Documents
from piot.inspect.view import View
from piot.load.build_systems import checked
from piot.load.config import config_as_far
from piot.load.manifests import pyproject_as_far, workspaces_as_far
from piot.load.npm_projects import NpmProjects
from piot.load.repository import CONFIG, Reader, Repository, versioned
from piot.load.source_tree import SourceTree
from piot.model.cargo.facts import SETTINGS, Workspace
from piot.model.finding import Finding
from piot.model.npm.project import NpmProject
from piot.model.package import Package, PypiSettings
from piot.model.pins import LOCK, Pins
from piot.model.pins_text import parse_lock
from piot.model.python.pyproject import Pyproject
from piot.model.settings import Config
from piot.model.target import TargetGraph

_Value = TypeVar("_Value")


class Reading:
    """The checkout at ``root``; ``found`` is what was wrong with what has been read so far."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self.root = git.find_root(where.directory)
        self._reader = Reader(self.root)
        self.found: list[Finding] = []

    @cached_property
    def config(self) -> Config:
        """The packages whose kind, name and place are known; raises InputError where there is no file."""
        path = self._config_path
        text = self.text(path)
        if text is None and not self.found:
            raise InputError(f"no file {path}")
        if text is None:  # it is there, but no text
            return Config(packages=())
        none: tuple[Config, tuple[Problem, ...]] = Config(packages=()), ()
        config, wrong = self._noted(lambda: config_as_far(text, path), none)
        self._note(wrong)
        return replace(config, packages=_with_known_dependencies(config.packages))

    @cached_property
    def repository(self) -> Repository:
        """The files, and the manifests that could be read."""
        tree = SourceTree.of(self._sources.paths)
        return Repository(
            root=self.root,
            config=self.config,
            settings=self.config.settings,
            tree=tree,
            workspaces=self._workspaces(tree),
            pyprojects=self._pyprojects(self.config, tree),
            npm=NpmProjects(self.text, tree.paths),
            texts=self._reader.texts,
            overlay={},
        )

    @cached_property
    def pins(self) -> Pins | None:
        """What ``piot.lock`` says; nothing when there is none, None when it cannot be read."""
        text = self.text(LOCK)
        return Pins() if text is None else self._noted(lambda: parse_lock(text, LOCK), None)

    def graph(self) -> TargetGraph:
        """All targets; none when something does not hold between them, or a BUILD file is wrong."""
        repository, known = self.repository, len(self.found)
        loaded = self._noted(lambda: KeptBuildFiles(self.root).targets(repository), None)
        if known:  # a package that could not be read has no targets
            self.found[known:] = [each for each in self.found[known:] if each.code != "PIOT_UNKNOWN_TARGET"]
        return TargetGraph.of((), {}) if loaded is None else loaded.graph

    def view(self) -> View:
        """The checkout for checks; reads configuration, manifests, locks, BUILD files and history."""
        config, repository, sources = self.config, self.repository, self._sources
        npm = self._npm(config, repository.npm)
        self._pinned(config, repository.pyprojects)
        self.graph()
        self.found += look_at_history(self.root, self._where)
        self.found += (replace(each, column=1) for each in runner_findings(config.packages, self._today))
        environ = self._where.environ
        return View(
            config=self._config_path,
            packages=config.packages,
            files=repository.tree.paths,
            workspaces=_by_crate(repository.workspaces),
            pyprojects=repository.pyprojects,
            npm=npm,
            documents=Documents(self.text),
            sizes=self._sizes,
            packed=self._packed,
            tags=git.reachable_tags(self.root, environ),
            github=environ.get("GITHUB_REPOSITORY", "") if environ.get("GITHUB_ACTIONS") else "",
            cadence=config.cadence,
            release=config.settings.release,
            today=self._today,
            untracked=frozenset(sources.untracked or ()),
        )

    @cached_property
    def _sources(self) -> SourceList:
        return SourceList(self.root, self._where.environ)

    @property
    def _config_path(self) -> str:
        return CONFIG if self._where.config is None else str(self._where.config)

    @property
    def _today(self) -> str:
        return clock.rfc3339(clock.now_ns())[:10]

    def text(self, path: str) -> str | None:
        """The text of a file; noted where it is none."""
        try:
            return self._reader.text(path)
        except InputError as wrong:
            message = wrong.message.replace(path, "it", 1)
            finding = Finding(
                code="PIOT_UNREADABLE", severity="error", message=message, path=path, fix=wrong.hint
            )
            if finding not in self.found:
                self.found.append(finding)
            return None

    def _noted(self, action: Callable[[], _Value], otherwise: _Value) -> _Value:
        """What the action gives; what it raises is noted."""
        try:
            return action()
        except Problems as wrong:
            self._note(wrong.problems)
        except InputError as wrong:
            finding = Finding(code="PIOT_UNREADABLE", severity="error", message=wrong.message, fix=wrong.hint)
            self.found.append(finding)
        return otherwise

    def _note(self, wrong: Iterable[Problem]) -> None:
        self.found += (of_problem(each) for each in wrong)

    def _workspaces(self, tree: SourceTree) -> tuple[Workspace, ...]:
        manifests = [path for path in tree.paths if path.rpartition("/")[2] == "Cargo.toml"]
        folders = sorted({path.rpartition("/")[0] or "." for path in manifests})
        found, wrong = workspaces_as_far(self.text, tree.paths, folders)
        self._note(wrong)
        for path in tree.paths:
            if path.endswith(SETTINGS):
                self.text(path)
        return found

    def _pyprojects(self, config: Config, tree: SourceTree) -> dict[str, Pyproject]:
        found: dict[str, Pyproject] = {}
        for package in config.packages:
            prefix = "" if package.path == "." else f"{package.path}/"
            path = f"{prefix}pyproject.toml"
            settings, text = package.settings, self.text(path)
            if not isinstance(settings, PypiSettings) or text is None:
                continue
            try:
                project, wrong = pyproject_as_far(text, path, checked(settings, prefix, tree))
            except Problems as error:
                self._note(error.problems)
                continue
            self._note(wrong)
            found[package.path] = versioned(self.text, project)
        return found

    def _npm(self, config: Config, projects: NpmProjects) -> dict[str, NpmProject]:
        found: dict[str, NpmProject] = {}
        for package in config.packages:
            if package.kind != "npm" or projects.manifest(package.path) is None:
                continue
            try:
                found[package.path] = projects(package.path)
            except Problems as wrong:
                self._note(wrong.problems)
            else:
                self._note(found[package.path].problems)
        return found

    def _pinned(self, config: Config, pyprojects: Mapping[str, Pyproject]) -> None:
        """Whether ``piot.lock`` pins what back ends need that piot is to run."""
        for package in config.packages if self.pins is not None else ():
            project = pyprojects.get(package.path)
            settings = package.settings
            if project is None or package.build_workflow is not None:
                continue
            if isinstance(settings, PypiSettings) and settings.build != "maturin":
                self._note(not_pinned(project, package.name, self.pins or Pins(), self.text))

    def _sizes(self, paths: Sequence[str]) -> int:
        found = signatures(self.root, paths, follow=True)
        return sum(row[2] for row in found.values() if row is not None)

    def _packed(self, paths: Sequence[str]) -> int:
        """The bytes of all of them as gzip makes them, but for what an archive adds."""
        packer = zlib.compressobj()
        size = 0
        for path in paths:
            data = self._reader.read(self.root / path) or b""
            size += len(packer.compress(data))
        return size + len(packer.flush())


def _with_known_dependencies(packages: Sequence[Package]) -> tuple[Package, ...]:
    names = {package.name for package in packages}
    return tuple(
        replace(each, depends_on=tuple(name for name in each.depends_on if name in names))
        for each in packages
    )


def _by_crate(workspaces: Iterable[Workspace]) -> dict[str, Workspace]:
    """By the folder of every crate; members of a workspace are its own before they are another's."""
    found: dict[str, Workspace] = {}
    for workspace in workspaces:
        for directory in workspace.others:
            found.setdefault(directory, workspace)
    for workspace in workspaces:
        found.update(dict.fromkeys(workspace.members, workspace))
    return found
