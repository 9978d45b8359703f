"""BUILD files, evaluated on demand: targets, and everything that was read to know them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
class Listing:
    """What a ``glob()`` of ``package`` gave, by digest."""

    package: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFile:
    """The targets of one BUILD file, the rules from Python files among them, and what was read.

    ``files`` are (path, digest) of the BUILD file and everything that it loads, ``sources`` files that
    were named and had to exist. While ``fresh`` holds, evaluating again would give the same.
    """

    package: str
    targets: tuple[Target, ...]
    rules: tuple[RuleSchema, ...]
    files: tuple[tuple[str, Digest], ...]
    listings: tuple[Listing, ...]
    sources: tuple[str, ...]

    def fresh(self, digest_of: Callable[[str], Digest | None], tree: SourceTree) -> bool:
        """Whether all that was read is as it was; piot's own rules are the caller's to compare."""
        return (
            all(digest_of(path) == digest for path, digest in self.files)
            and all(source in tree for source in self.sources)
            and all(_listed(tree, it.package, it.include, it.exclude)[1] == it.digest for it in self.listings)
        )


@dataclass(slots=True)
class _Current:
    """The BUILD file that is being evaluated."""

    package: str
    calls: list[Call] = field(default_factory=list[Call])
    listings: list[Listing] = field(default_factory=list[Listing])


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A macro file that was loaded, and all that was read for it."""

    module: FrozenModule
    files: frozenset[tuple[str, Digest]]


class BuildFiles:
    """Evaluates the BUILD files of one repository; macros and rule files are read once.

    ``schemas`` are piot's own rules by name: they are predeclared. ``read`` gives the bytes of a file.
    """

    def __init__(
        self, *, root: Path, schemas: Mapping[str, RuleSchema], tree: SourceTree, read: Read
    ) -> None:
        self._root = root
        self._tree = tree
        self._read = read
        self._rules = dict(schemas)
        self._current: _Current | None = None
        self._files: set[tuple[str, Digest]] = set()
        self._loading: list[Label] = []
        self._loaded: dict[Label, _Loaded] = {}
        self._host = Host(
            rules={name: schema.key for name, schema in schemas.items()},
            declare=self._declare,
            functions={"glob": self._glob, "package_name": self._package_name},
            load=self._load,
        )

    def evaluate(self, package: str) -> BuildFile:
        """The BUILD file of a folder that has one. Raises Problems with all that is wrong in it."""
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
        used = sorted({target.rule for target in targets})
        return BuildFile(
            package=package,
            targets=targets,
            rules=tuple(self._rules[key] for key in used if "%" in key),
            files=tuple(sorted(self._files)),
            listings=tuple(current.listings),
            sources=_sources(targets),
        )

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
        current = self._building("glob")
        found, digest = _listed(self._tree, current.package, tuple(include), tuple(exclude))
        if not found and not allow_empty:
            shown = listed([f'"{pattern}"' for pattern in include])
            raise InputError(
                f"glob() finds no file for {shown} in {current.package or 'the root folder'}",
                hint="write allow_empty = True if that is meant; files that git ignores do not count",
            )
        current.listings.append(
            Listing(package=current.package, include=tuple(include), exclude=tuple(exclude), digest=digest)
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
        file = rule_files.find(label, self._root, self._read)
        if not label.cell:
            self._files.add((label.path, file.digest))
        schemas = rule_files.schemas(file)
        self._rules.update((schema.key, schema) for schema in schemas)
        return self._host.rule_module({schema.name: schema.key for schema in schemas})

    def _near_file(self, label: Label) -> str:
        return near(label.path, self._tree.below(label.package)) or "files that git ignores do not count"


def _listed(
    tree: SourceTree, package: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> tuple[tuple[str, ...], Digest]:
    found = tree.glob(package, include, exclude)
    return found, Digest.of("\0".join(found).encode())


def _sources(targets: tuple[Target, ...]) -> tuple[str, ...]:
    """Files that attributes name."""
    found: set[str] = set()
    for target in targets:
        for part in (part for _, value in target.attrs for part in plain_parts(value)):
            if isinstance(part, Source):
                found.add(part.path)
            elif isinstance(part, Sources):
                found.update(part.files)
    return tuple(sorted(found))
