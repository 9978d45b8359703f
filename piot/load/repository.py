"""A checkout as it is read: configuration, source files, manifests, and the graph of targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from piot.effects import files, git, host
from piot.effects.file_list import list_files
from piot.errors import InputError, MachineError, Problem, Problems
from piot.load import publish_targets, rule_files
from piot.load.build_files import BuildFile, BuildFiles
from piot.load.build_systems import checked
from piot.load.config import merge_settings, parse_config
from piot.load.graph import build_graph
from piot.load.manifests import read_pyproject, read_workspaces
from piot.load.npm_projects import NpmProjects
from piot.load.packages import package_targets, with_crates
from piot.load.publish_targets import with_publish_targets
from piot.load.rule_files import Read
from piot.load.smoke_targets import with_smoke_tests
from piot.load.source_tree import SourceTree
from piot.model.cargo.facts import SETTINGS, Workspace
from piot.model.label import Label
from piot.model.package import PypiSettings
from piot.model.python.pyproject import Pyproject
from piot.model.rule import PUBLISH, RuleSchema
from piot.model.settings import Config, Settings
from piot.model.target import Target, TargetGraph

CONFIG = "putitoutthere.toml"
_NPM = ("napi", "npm", "npm_family", "npm_program")
_RULES = ("archive", "command", "maturin", *_NPM, "python", "rust", "smoke")
RULES = tuple(Label.parse(f"@piot//rules:{name}.py") for name in _RULES)
TOOLCHAINS = tuple(
    Label.parse(f"@piot//toolchains:{name}.py")
    for name in ("rust", "native", "zig", "xwin", "wasm", "node", "python", "qemu")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """What was read of a checkout; ``settings`` are the checkout's with the user's and ``PIOT_*`` over them.

    ``overlay`` (path to text) holds manifests with planned versions; it stands before the disk.
    """

    root: Path
    config: Config
    settings: Settings
    tree: SourceTree
    workspaces: tuple[Workspace, ...]
    pyprojects: Mapping[str, Pyproject]
    npm: NpmProjects = field(compare=False, repr=False)
    texts: Mapping[str, str] = field(repr=False)
    overlay: Mapping[str, str] = field(repr=False)


def read(path: Path) -> bytes | None:
    """The bytes of a file, None when there is none."""
    try:
        return files.read_file(path)
    except FileNotFoundError:
        return None
    except MachineError as error:
        if isinstance(error.__cause__, NotADirectoryError):
            return None
        raise


class Reader:
    """Reads one checkout; text of manifests is read once. ``read`` gives the bytes of files.

    ``texts`` are those that another reader has read, and reads from now on.
    """

    def __init__(self, root: Path, read: Read = read, texts: dict[str, str] | None = None) -> None:
        self.root = root
        self.read = read
        self.texts = dict[str, str]() if texts is None else texts
        self.overlay: dict[str, str] = {}

    def text(self, path: str) -> str | None:
        """A file as text, None when absent; raises InputError when it is not UTF-8."""
        if path in self.overlay:
            return self.overlay[path]
        if path not in self.texts:
            data = self.read(self.root / path)
            if data is None:
                return None
            try:
                self.texts[path] = data.decode()
            except UnicodeDecodeError as error:
                raise InputError(f"{path} is not UTF-8 text", hint=f"byte {error.start} is wrong") from None
        return self.texts[path]


def open_repository(
    start: Path, environ: Mapping[str, str], config_file: Path | None = None, config: Config | None = None
) -> tuple[Reader, Config, Settings]:
    """The checkout around ``start``: its configuration, unless that is known, and the settings in force."""
    reader = Reader(git.find_root(start))
    config = config or read_config(reader, config_file)
    return reader, config, settings_in_force(config.settings, environ)


def read_config(reader: Reader, config_file: Path | None = None) -> Config:
    """The checkout's configuration; raises InputError when there is none, and Problems."""
    path = CONFIG if config_file is None else str(config_file)
    data = reader.read(reader.root / path)
    if data is None:
        raise InputError(f"no file {path}")
    return parse_config(data.decode("utf-8", "replace"), path)


def settings_in_force(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """A checkout's settings with the user's file and the ``PIOT_*`` variables over them."""
    user = host.config_file(environ)
    text = read(user)
    said = None if text is None else text.decode("utf-8", "replace")
    return merge_settings(settings, said, environ, user_path=str(user))


def read_repository(
    reader: Reader, config: Config, settings: Settings, paths: Iterable[str] | SourceTree | None = None
) -> Repository:
    """Lists the files, unless given, and reads the manifests that packages and BUILD files point to."""
    if isinstance(paths, SourceTree):
        tree = paths
    else:
        tree = SourceTree.of(list_files(reader.root).paths if paths is None else paths)
    manifests = [path for path in tree.paths if path.endswith("/Cargo.toml") or path == "Cargo.toml"]
    folders = sorted({path.rpartition("/")[0] or "." for path in manifests})
    workspaces = read_workspaces(reader.text, tree.paths, folders)
    for path in tree.paths:
        if path.endswith(SETTINGS):
            reader.text(path)
    return Repository(
        root=reader.root,
        config=config,
        settings=settings,
        tree=tree,
        workspaces=workspaces,
        pyprojects=_pyprojects(reader, config, tree),
        npm=NpmProjects(reader.text, tree.paths),
        texts=reader.texts,
        overlay=reader.overlay,
    )


def versioned(read: Callable[[str], str | None], project: Pyproject) -> Pyproject:
    """With the version out of the file that it stands in, where it does; ``read`` gives texts."""
    place = project.version_file
    text = None if place is None else read(place.path)
    return project if place is None or text is None else replace(project, version=place.read(text))


def _pyprojects(reader: Reader, config: Config, tree: SourceTree) -> dict[str, Pyproject]:
    """The Python projects by folder; raises the problems of all of them at once."""
    found: dict[str, Pyproject] = {}
    wrong: list[Problem] = []
    for package in config.packages:
        prefix = "" if package.path == "." else f"{package.path}/"
        path = f"{prefix}pyproject.toml"
        if isinstance(package.settings, PypiSettings) and (text := reader.text(path)) is not None:
            then = checked(package.settings, prefix, tree)
            try:
                found[package.path] = versioned(reader.text, read_pyproject(text, path, then))
            except Problems as error:
                wrong += error.problems
    if wrong:
        raise Problems(wrong)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The graph, and the BUILD files that it was read from; ``evaluated`` are the folders of those that
    were not kept from an earlier run."""

    graph: TargetGraph
    build_files: tuple[BuildFile, ...]
    evaluated: frozenset[str]

    @property
    def definitions(self) -> dict[str, tuple[str, ...]]:
        """By folder the files behind its BUILD file: itself and what it loads."""
        return {each.package: tuple(path for path, _ in each.files) for each in self.build_files}


def load_targets(
    repository: Repository, read: Read = read, kept: Mapping[str, BuildFile] | None = None
) -> Loaded:
    """All targets, and where those of BUILD files come from; ``kept`` as in `BuildFiles`."""
    schemas = builtin_schemas(repository.root, read=read)
    of_packages = package_targets(
        repository.config.packages, repository.workspaces, repository.pyprojects, repository.npm
    )
    rules = {**schemas, PUBLISH: publish_targets.SCHEMA}
    declared: list[Target] = []
    build_files = BuildFiles(
        root=repository.root, schemas=schemas, tree=repository.tree, read=read, kept=kept
    )
    found = _all(build_files, repository.tree.build_files)
    for each in found:
        declared += with_crates(each.targets, repository.config.packages, repository.workspaces)
        rules.update({schema.key: schema for schema in each.rules})
    of_packages = with_smoke_tests(of_packages, declared)
    of_packages = with_publish_targets(of_packages, repository.config.packages, declared)
    return Loaded(
        graph=build_graph([*of_packages, *declared], rules),
        build_files=tuple(found),
        evaluated=frozenset(build_files.evaluated),
    )


def _all(build_files: BuildFiles, packages: Iterable[str]) -> list[BuildFile]:
    """Every BUILD file; raises the problems of all of them at once."""
    found: list[BuildFile] = []
    problems: list[Problem] = []
    for package in packages:
        try:
            found.append(build_files.get(package))
        except Problems as error:
            problems.extend(error.problems)
    if problems:
        raise Problems(problems)
    return found


def builtin_schemas(root: Path, labels: Iterable[Label] = RULES, read: Read = read) -> dict[str, RuleSchema]:
    """Piot's own rules by name, from their syntax trees."""
    found = (schema for label in labels for schema in rule_files.schemas(rule_files.find(label, root, read)))
    return {schema.name: schema for schema in found}
