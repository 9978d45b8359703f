"""BUILD files, evaluated on demand: targets, and everything that was read to know them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from piot.errors import InputError, Problem, Problems, listed, near
from piot.load import rule_files
from piot.load.attributes import Converter
from piot.load.rule_files import Read
from piot.load.source_tree import SourceTree
from piot.load.starlark_host import Call, Host
from piot.load.target_maker import TargetMaker
from piot.model.digest import Digest
from piot.model.label import Label
from piot.model.rule import RuleSchema, Source, Sources
from piot.model.select import plain_parts
from piot.model.target import Target

if TYPE_CHECKING:
    from starlark import FrozenModule


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFile:
    """The targets of one BUILD file, the rules from Python files among them, and what was read.

    ``files`` are (path, digest) of the BUILD file and everything that it loads, ``listing`` tells which files
    lie in its folder and below, ``sources`` are files elsewhere that were named and had to exist. While
    ``fresh`` holds, evaluating again would give the same.
    """

    package: str
    targets: tuple[Target, ...]
    rules: tuple[RuleSchema, ...]
    files: tuple[tuple[str, Digest], ...]
    listing: Digest
    sources: tuple[str, ...]

    def fresh(self, digest_of: Callable[[str], Digest | None], tree: SourceTree) -> bool:
        """Whether all that was read is as it was; piot's own rules are the caller's to compare."""
        return (
            all(digest_of(path) == digest for path, digest in self.files)
            and _listing(tree, self.package) == self.listing
            and all(source in tree for source in self.sources)
        )


@dataclass(slots=True)
class _Current:
    """The BUILD file that is being evaluated."""

    package: str
    calls: list[Call] = field(default_factory=list[Call])


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A macro file that was loaded, and all that was read for it."""

    module: FrozenModule
    files: frozenset[tuple[str, Digest]]


class BuildFiles:
    """Evaluates the BUILD files of one repository; macros and rule files are read once.

    ``schemas`` are piot's own rules by name: they are predeclared. ``read`` gives the bytes of a file.
    ``kept`` is what an earlier run evaluated, by folder; ``evaluated`` are the folders where that did not do.
    """

    def __init__(
        self,
        *,
        root: Path,
        schemas: Mapping[str, RuleSchema],
        tree: SourceTree,
        read: Read,
        kept: Mapping[str, BuildFile] | None = None,
    ) -> None:
        self.evaluated: set[str] = set()
        self._root = root
        self._tree = tree
        self._read = read
        self._kept = kept or {}
        self._digests: dict[str, Digest | None] = {}
        self._schemas = schemas
        self._rules = dict(schemas)
        self._current: _Current | None = None
        self._files: set[tuple[str, Digest]] = set()
        self._loading: list[Label] = []
        self._loaded: dict[Label, _Loaded] = {}

    @cached_property
    def _host(self) -> Host:
        return Host(
            rules={name: schema.key for name, schema in self._schemas.items()},
            declare=self._declare,
            functions={"glob": self._glob, "package_name": self._package_name},
            load=self._load,
        )

    def get(self, package: str) -> BuildFile:
        """As ``evaluate``, which is not done again while nothing has changed."""
        kept = self._kept.get(package)
        if kept is None or not kept.fresh(self._digest_of, self._tree):
            return self.evaluate(package)
        return replace(kept, rules=self._rules_of(kept.targets))

    def evaluate(self, package: str) -> BuildFile:
        """The BUILD file of a folder that has one. Raises Problems with all that is wrong in it."""
        self.evaluated.add(package)
        path = self._tree.build_files[package]
        self._current = current = _Current(package)
        self._files = set()
        text = self._text(path)
        problems: list[Problem] = []
        try:
            self._host.run(path, text, package)
        except Problems as error:
            problems.extend(error.problems)
        finally:
            self._current = None
        maker = TargetMaker(Converter(package=package, tree=self._tree), self._rules, path, text, problems)
        targets = tuple(target for call in current.calls if (target := maker.target(call)))
        if problems:
            raise Problems(problems)
        return BuildFile(
            package=package,
            targets=targets,
            rules=self._rules_of(targets),
            files=tuple(sorted(self._files)),
            listing=_listing(self._tree, package),
            sources=_sources(package, targets),
        )

    def _digest_of(self, path: str) -> Digest | None:
        if path not in self._digests:
            data = self._read(self._root / path)
            self._digests[path] = None if data is None else Digest.of(data)
        return self._digests[path]

    def _rules_of(self, targets: tuple[Target, ...]) -> tuple[RuleSchema, ...]:
        """The rules from Python files that targets are of."""
        used = sorted({target.rule for target in targets if "%" in target.rule})
        for key in used:
            if key not in self._rules:
                self._know_rules(Label.parse(key.partition("%")[0]))
        return tuple(self._rules[key] for key in used)

    def _text(self, path: str) -> str:
        data = self._read(self._root / path)
        if data is None:
            raise InputError(f"no file {path}")
        self._files.add((path, Digest.of(data)))
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 text", hint=f"byte {error.start} is wrong") from None

    def _declare(self, call: Call) -> None:
        self._building(self._rules[call.rule].name).calls.append(call)

    def _package_name(self) -> str:
        return self._building("package_name").package

    def _glob(self, include: list[str], exclude: list[str], allow_empty: bool) -> list[str]:
        package = self._building("glob").package
        found = self._tree.glob(package, include, exclude)
        if not found and not allow_empty:
            shown = listed([f'"{pattern}"' for pattern in include])
            raise InputError(
                f"glob() finds no file for {shown} in {package or 'the root folder'}",
                hint="write allow_empty = True if that is meant; files that git ignores do not count",
            )
        return list(found)

    def _building(self, what: str) -> _Current:
        if self._current is None:
            raise InputError(
                f"{what}() works in BUILD files only, not while a file is loaded",
                hint="put it into a function and call that in the BUILD file",
            )
        return self._current

    def _load(self, text: str, package: str) -> FrozenModule:
        """What a ``load()`` gives; the files behind it are noted for whoever asked."""
        label = Label.parse(text, package=package)
        if label in self._loading:
            circle = [*self._loading[self._loading.index(label) :], label]
            raise InputError(f"files load each other: {' -> '.join(str(each) for each in circle)}")
        if label not in self._loaded:
            with self._apart(label) as files:
                module = self._module(label)
            self._loaded[label] = _Loaded(module, frozenset(files))
        self._files |= self._loaded[label].files
        return self._loaded[label].module

    @contextmanager
    def _apart(self, label: Label) -> Generator[set[tuple[str, Digest]], None, None]:
        """Evaluates a loaded file for itself: it sees nothing of the BUILD file that loads it."""
        before = self._current, self._files
        self._current, self._files = None, set()
        self._loading.append(label)
        try:
            yield self._files
        finally:
            self._loading.pop()
            self._current, self._files = before

    def _module(self, label: Label) -> FrozenModule:
        if label.name.endswith(".py"):
            return self._rule_module(label)
        if label.cell or not label.name.endswith((".bzl", ".star")):
            raise InputError(
                f"cannot load {label}", hint="load() takes .bzl files with macros and .py files with rules"
            )
        if label.path not in self._tree:
            raise InputError(f"no file {label.path}", hint=self._near_file(label))
        return self._host.run(label.path, self._text(label.path), label.package).freeze()

    def _rule_module(self, label: Label) -> FrozenModule:
        schemas = self._know_rules(label)
        return self._host.rule_module({schema.name: schema.key for schema in schemas})

    def _know_rules(self, label: Label) -> tuple[RuleSchema, ...]:
        file = rule_files.find(label, self._root, self._read)
        if not label.cell:
            self._files.add((label.path, file.digest))
        schemas = rule_files.schemas(file)
        self._rules.update((schema.key, schema) for schema in schemas)
        return schemas

    def _near_file(self, label: Label) -> str:
        return near(label.path, self._tree.below(label.package)) or "files that git ignores do not count"


def _listing(tree: SourceTree, package: str) -> Digest:
    return Digest.of("\0".join(tree.below(package)).encode("utf-8", "surrogateescape"))


def _sources(package: str, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """Files outside of the folder that attributes name."""
    found: set[str] = set()
    for target in targets:
        for part in (part for _, value in target.attrs for part in plain_parts(value)):
            if isinstance(part, Source):
                found.add(part.path)
            elif isinstance(part, Sources):
                found.update(part.files)
    inside = f"{package}/" if package else ""
    return tuple(sorted(path for path in found if not path.startswith(inside)))
