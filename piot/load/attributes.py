"""Checks the attributes that a BUILD file gives to a rule and makes them values of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from piot.errors import InputError, listed, near
from piot.load.narrow import is_dict, is_sequence
from piot.load.source_tree import SourceTree
from piot.load.starlark_host import Selected
from piot.model.label import Label
from piot.model.rule import Attr, AttrType, Plain, RuleSchema, Source, Sources, StringMap, Triples
from piot.model.select import Select, SelectList, Value, condition
from piot.model.triple import Triple

Fault = Callable[[str, str, str | None], None]
"""Takes a code, a message and a hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Converter:
    """Reads values as they stand in the BUILD file of the folder ``package``."""

    package: str
    tree: SourceTree

    def attributes(
        self, schema: RuleSchema, given: Mapping[str, object], fault: Fault
    ) -> tuple[tuple[str, Value], ...]:
        """The attributes by name, sorted; everything that is wrong goes to ``fault``.

        None stands for an attribute that is not given.
        """
        found: list[tuple[str, Value]] = []
        present = {name: value for name, value in given.items() if value is not None and name != "name"}
        _check_names(schema, present, fault)
        for attr in schema.attrs:
            if attr.name not in present:
                continue
            try:
                found.append((attr.name, self.value(attr, present[attr.name])))
            except InputError as error:
                message = f'attribute "{attr.name}" of {schema.name}: {error.message}'
                fault("PIOT_BAD_ATTRIBUTE", message, error.hint)
        return tuple(sorted(found, key=lambda pair: pair[0]))

    def value(self, attr: Attr, given: object) -> Value:
        """One attribute; raises InputError."""
        if not isinstance(given, Selected):
            return self._plain(attr.type, given)
        if given.always is None:
            return Select(branches=self._branches(attr.type, given.branches))
        if attr.type not in (AttrType.STRINGS, AttrType.LABELS, AttrType.SOURCES):
            raise InputError(f"select_list() is for lists, this is {_a(attr.type)}", hint="write select({…})")
        base = self._plain(attr.type, given.always)
        return SelectList(base=base, branches=self._branches(attr.type, given.branches))

    def _branches(self, kind: AttrType, given: object) -> tuple[tuple[str, Plain], ...]:
        if not is_dict(given) or not given:
            raise InputError(
                "select() takes a dict of condition to value", hint='select({"linux": …, "default": …})'
            )
        found: dict[str, Plain] = {}
        for key, value in given.items():
            name = condition(str(key))
            if name in found:
                raise InputError(f'two branches of select() mean "{name}"')
            found[name] = self._plain(kind, value)
        return tuple(found.items())

    def _plain(self, kind: AttrType, given: object) -> Plain:
        match kind:
            case AttrType.STR | AttrType.BOOL | AttrType.INT:
                return _scalar(kind, given)
            case AttrType.STRINGS:
                return _texts(kind, given)
            case AttrType.STRING_MAP:
                return _string_map(given)
            case AttrType.LABEL:
                return Label.parse(_text(kind, given), package=self.package)
            case AttrType.LABELS:
                return tuple(Label.parse(text, package=self.package) for text in _texts(kind, given))
            case AttrType.SOURCE:
                return Source(self._file(_text(kind, given)))
            case AttrType.SOURCES:
                return Sources(files=tuple(self._file(text) for text in _texts(kind, given)))
            case AttrType.TRIPLES:
                return Triples(tuple(Triple.parse(text).text for text in _texts(kind, given)))

    def _file(self, text: str) -> str:
        """A file relative to the root, from a path relative to the package or a label."""
        if text.startswith(("//", ":")):
            path = Label.parse(text, package=self.package).path
        else:
            path = f"{self.package}/{text}" if self.package else text
        if path not in self.tree:
            hint = near(path, self.tree.below(self.package))
            if self.tree.below(path.rstrip("/")):
                hint = "it is a folder: name the files in it"
                if not text.startswith(("//", ":")):
                    hint = f'it is a folder: glob(["{text.rstrip("/")}/**"]) gives its files'
            raise InputError(f"no file {path}", hint=hint or "files that git ignores do not count")
        return path


def _check_names(schema: RuleSchema, present: Iterable[str], fault: Fault) -> None:
    known = [attr.name for attr in schema.attrs]
    for name in present:
        if name not in known:
            hint = near(name, [*known, "name"]) or f"it has {listed(['name', *known])}"
            fault("PIOT_UNKNOWN_ATTRIBUTE", f'{schema.name} has no attribute "{name}"', hint)
    for attr in schema.attrs:
        if attr.required and attr.name not in present:
            message = f'{schema.name} needs the attribute "{attr.name}", {_a(attr.type)}'
            fault("PIOT_MISSING_ATTRIBUTE", message, attr.doc or None)


def _scalar(kind: AttrType, given: object) -> str | bool | int:
    wanted = {AttrType.STR: str, AttrType.BOOL: bool, AttrType.INT: int}[kind]
    if isinstance(given, str | bool | int) and type(given) is wanted:
        return given
    raise _wrong(kind, given)


def _text(kind: AttrType, given: object) -> str:
    if isinstance(given, str):
        return given
    raise _wrong(kind, given)


def _texts(kind: AttrType, given: object) -> tuple[str, ...]:
    if not is_sequence(given):
        raise _wrong(kind, given, hint="write [ ] around it" if isinstance(given, str) else None)
    found: list[str] = []
    for number, item in enumerate(given, start=1):
        if not isinstance(item, str):
            raise InputError(
                f"expected {_a(kind)}, but item {number} is {_shown(item)}", hint=_select_hint(item)
            )
        found.append(item)
    return tuple(found)


def _string_map(given: object) -> StringMap:
    if not is_dict(given):
        raise _wrong(AttrType.STRING_MAP, given)
    found: dict[str, str] = {}
    for key, value in given.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise InputError(f"expected {_a(AttrType.STRING_MAP)}, but {key!r} is {_shown(value)}")
        found[key] = value
    return StringMap.of(found)


def _a(kind: AttrType) -> str:
    return f"{'an' if kind is AttrType.INT else 'a'} {kind.value}"


def _wrong(kind: AttrType, given: object, hint: str | None = None) -> InputError:
    return InputError(f"expected {_a(kind)}, got {_shown(given)}", hint=hint)


def _shown(given: object) -> str:
    if isinstance(given, Selected):
        return "select()" if given.always is None else "select_list()"
    name = "list" if is_sequence(given) else type(given).__name__
    return f"the {name} {given!r}" if isinstance(given, str | int | float) else f"a {name}"


def _select_hint(item: object) -> str | None:
    return "select_list([…], {…}) adds to a list" if isinstance(item, Selected) else None
