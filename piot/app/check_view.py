"""Reads a checkout as far as it can be read, for checks: what is wrong is noted, and reading goes on."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from piot.app.check_history import look_at_history
from piot.app.kept import KeptBuildFiles
from piot.app.pinning import not_pinned
from piot.app.source_list import SourceList
from piot.app.where import Where
from piot.ci.grouping import runner_findings
from piot.effects import clock, git
from piot.effects.stats import signatures
from piot.errors import InputError, Problem, Problems
from piot.inspect.checks.locks import of_problem
from piot.inspect.documents import Documents
from piot.inspect.view import View
from piot.load import build_systems
from piot.load.config import config_as_far
from piot.load.manifests import pyproject_as_far, workspaces_as_far
from piot.load.npm_projects import NpmProjects
from piot.load.repository import CONFIG, SETTINGS, Reader, Repository, versioned
from piot.load.source_tree import SourceTree
from piot.model.cargo import Workspace
from piot.model.finding import Finding
from piot.model.npm import NpmProject
from piot.model.package import Config, Package, PypiSettings
from piot.model.pins import LOCK, Pins
from piot.model.pins_text import parse_lock
from piot.model.pyproject import Pyproject

_Value = TypeVar("_Value")


class Reading:
    """One checkout; ``found`` is what was wrong with what has been read so far."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self._root = git.find_root(where.directory)
        self._reader = Reader(self._root)
        self.found: list[Finding] = []

    def view(self) -> View:
        """The checkout for checks; reads configuration, manifests, locks and BUILD files."""
        config = self._config()
        sources = SourceList(self._root, self._where.environ)
        tree = SourceTree.of(sources.paths)
        workspaces = self._workspaces(tree)
        pyprojects = self._pyprojects(config, tree)
        projects = NpmProjects(self._text, tree.paths)
        npm = self._npm(config, projects)
        self._pins(config, pyprojects)
        self._graph(config, tree, workspaces, pyprojects, projects)
        self.found += look_at_history(self._root, self._where)
        self.found += (replace(each, column=1) for each in runner_findings(config.packages, self._today))
        environ = self._where.environ
        return View(
            config=self._config_path,
            packages=config.packages,
            files=tree.paths,
            workspaces=_by_crate(workspaces),
            pyprojects=pyprojects,
            npm=npm,
            documents=Documents(self._text),
            sizes=self._sizes,
            packed=self._packed,
            tags=git.reachable_tags(self._root, environ),
            github=environ.get("GITHUB_REPOSITORY", "") if environ.get("GITHUB_ACTIONS") else "",
            cadence=config.cadence,
            release=config.settings.release,
            today=self._today,
            untracked=frozenset(sources.untracked or ()),
        )

    @property
    def _config_path(self) -> str:
        return CONFIG if self._where.config is None else str(self._where.config)

    @property
    def _today(self) -> str:
        return clock.rfc3339(clock.now_ns())[:10]

    def _text(self, path: str) -> str | None:
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

    def _noted(self, action: Callable[[], _Value], otherwise: _Value, path: str = "") -> _Value:
        """What the action gives; what it raises is noted."""
        try:
            return action()
        except Problems as wrong:
            self._note(wrong.problems)
        except InputError as wrong:
            finding = Finding(
                code="PIOT_UNREADABLE", severity="error", message=wrong.message, path=path, fix=wrong.hint
            )
            self.found.append(finding)
        return otherwise

    def _note(self, wrong: Iterable[Problem]) -> None:
        self.found += (of_problem(each) for each in wrong)

    def _config(self) -> Config:
        path = self._config_path
        text = self._text(path)
        if text is None and not self.found:
            raise InputError(f"no file {path}")
        if text is None:  # it is there, but no text
            return Config(packages=())
        none: tuple[Config, tuple[Problem, ...]] = Config(packages=()), ()
        config, wrong = self._noted(lambda: config_as_far(text, path), none)
        self._note(wrong)
        return replace(config, packages=_with_known_dependencies(config.packages))

    def _workspaces(self, tree: SourceTree) -> tuple[Workspace, ...]:
        manifests = [path for path in tree.paths if path.rpartition("/")[2] == "Cargo.toml"]
        folders = sorted({path.rpartition("/")[0] or "." for path in manifests})
        found, wrong = workspaces_as_far(self._text, tree.paths, folders)
        self._note(wrong)
        for path in tree.paths:
            if path.endswith(SETTINGS):
                self._text(path)
        return found

    def _pyprojects(self, config: Config, tree: SourceTree) -> dict[str, Pyproject]:
        found: dict[str, Pyproject] = {}
        for package in config.packages:
            prefix = "" if package.path == "." else f"{package.path}/"
            path = f"{prefix}pyproject.toml"
            settings, text = package.settings, self._text(path)
            if not isinstance(settings, PypiSettings) or text is None:
                continue
            then = (
                build_systems.of_maturin(settings.pypi)
                if settings.build == "maturin"
                else build_systems.plain(settings.build, settings.pypi, prefix, tree)
            )
            try:
                project, wrong = pyproject_as_far(text, path, then)
            except Problems as error:
                self._note(error.problems)
                continue
            self._note(wrong)
            found[package.path] = versioned(self._text, project)
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

    def _pins(self, config: Config, pyprojects: dict[str, Pyproject]) -> None:
        """What ``piot.lock`` says, and whether it pins what back ends need that piot is to run."""
        text = self._text(LOCK)
        pins = Pins() if text is None else self._noted(lambda: parse_lock(text, LOCK), None)
        for package in config.packages if pins is not None else ():
            project = pyprojects.get(package.path)
            settings = package.settings
            if project is None or package.build_workflow is not None:
                continue
            if isinstance(settings, PypiSettings) and settings.build != "maturin":
                self._note(not_pinned(project, package.name, pins or Pins(), self._text))

    def _graph(
        self,
        config: Config,
        tree: SourceTree,
        workspaces: tuple[Workspace, ...],
        pyprojects: dict[str, Pyproject],
        npm: NpmProjects,
    ) -> None:
        """BUILD files, and what does not hold between targets."""
        repository = Repository(
            root=self._root,
            config=config,
            settings=config.settings,
            tree=tree,
            workspaces=workspaces,
            pyprojects=pyprojects,
            npm=npm,
            texts=self._reader.texts,
            overlay={},
        )
        known = len(self.found)
        self._noted(lambda: KeptBuildFiles(self._root).targets(repository), None)
        if known:  # a package that could not be read has no targets
            self.found[known:] = [each for each in self.found[known:] if each.code != "PIOT_UNKNOWN_TARGET"]

    def _sizes(self, paths: Sequence[str]) -> int:
        found = signatures(self._root, paths, follow=True)
        return sum(row[2] for row in found.values() if row is not None)

    def _packed(self, paths: Sequence[str]) -> int:
        """The bytes of all of them as gzip makes them, but for what an archive adds."""
        packer = zlib.compressobj()
        size = 0
        for path in paths:
            data = self._reader.read(self._root / path) or b""
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
