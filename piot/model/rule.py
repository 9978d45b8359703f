"""What a rule accepts: attributes with types, defaults and documentation; and the plain values they take."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from piot.model.label import Label


class AttrType(enum.Enum):
    """The closed set of attribute types; the value is the type's name in messages and documentation."""

    STR = "str"
    BOOL = "bool"
    INT = "int"
    STRINGS = "list of str"
    STRING_MAP = "dict of str to str"
    LABEL = "label"
    LABELS = "list of labels"
    SOURCE = "file"
    SOURCES = "list of files"
    TRIPLES = "list of triples"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One file of the repository, relative to its root."""

    path: str

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Files of the repository: named ones, and ordered globs relative to the root (``!`` takes away).

    BUILD files expand ``glob()`` while they are read and give ``files``; configuration gives ``globs``.
    """

    files: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.files or self.globs)


@dataclass(frozen=True, slots=True)
class Triples:
    """The platforms that a target is declared for, in the order written."""

    names: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __bool__(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class StringMap(Mapping[str, str]):
    """A dictionary of strings that can be compared, hashed and kept; ``entries`` are sorted by key."""

    entries: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, entries: Mapping[str, str] | Iterable[tuple[str, str]]) -> StringMap:
        return cls(tuple(sorted(dict(entries).items())))

    def __getitem__(self, key: str) -> str:
        for name, value in self.entries:
            if name == key:
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.entries)

    def __len__(self) -> int:
        return len(self.entries)


Plain = (
    str | bool | int | tuple[str, ...] | StringMap | Label | tuple[Label, ...] | Source | Sources | Triples
)
"""An attribute's value once no ``select()`` is left in it; lists of strings and of labels are tuples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attr:
    """One attribute of a rule. ``default`` None means that the attribute may be absent."""

    name: str
    type: AttrType
    required: bool = False
    default: Plain | None = None
    doc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSchema:
    """Everything that is known of a rule without running it.

    ``location`` is ``label:line`` of its function. ``configured_by`` says which of ``triple`` and
    ``python`` change what a target of this rule is. ``test`` rules are what ``piot test`` runs.
    ``provides`` names the classes of its providers, as the function's annotation does (``Wheel``).
    """

    name: str
    attrs: tuple[Attr, ...]
    location: str
    doc: str = ""
    configured_by: frozenset[str] = frozenset()
    test: bool = False
    provides: tuple[str, ...] = ()

    @property
    def file(self) -> Label:
        """The label of the file that holds the rule."""
        return Label.parse(self.location.rpartition(":")[0])

    @property
    def key(self) -> str:
        """What ``Target.rule`` says: the name, with its file when the rule is not one of piot's own."""
        file = self.file
        return self.name if file.cell else f"{file}%{self.name}"

    def attr(self, name: str) -> Attr | None:
        return next((attr for attr in self.attrs if attr.name == name), None)


PUBLISH = "publish"
"""The kind of nodes that stand for a package on its registry."""


def publishes(kind: str) -> bool:
    """Whether nodes of a kind are chosen by their label only: no pattern ever publishes anything."""
    return kind == PUBLISH or kind.endswith("_publish")


def shown_path(file: Label) -> str:
    """How messages call a rule file: ``build_defs/hello.py``, ``@piot/rules/rust.py``."""
    return f"@{file.cell}/{file.path}" if file.cell else file.path
