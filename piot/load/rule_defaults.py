"""Defaults of attributes in rule files: literals, and the few calls that are as plain as literals."""

from __future__ import annotations

import ast

from piot.errors import InputError
from piot.load.narrow import is_tuple
from piot.model.label import Label
from piot.model.rule import AttrType, Plain, Source, Sources, StringMap, Triples

_EMPTY: dict[AttrType, tuple[str, Plain]] = {
    AttrType.SOURCES: ("Sources", Sources()),
    AttrType.TRIPLES: ("Triples", Triples()),
    AttrType.STRING_MAP: ("StringMap", StringMap()),
}
_SCALARS = {AttrType.STR: str, AttrType.BOOL: bool, AttrType.INT: int}


def default_of(node: ast.expr, kind: AttrType, *, optional: bool) -> Plain | None:
    """The value of a default expression; raises InputError when it is not plain or of another type."""
    node = _unwrapped(node)
    if kind in _EMPTY and _is_call(node, _EMPTY[kind][0], "dict" if kind is AttrType.STRING_MAP else ""):
        return _EMPTY[kind][1]
    if kind is AttrType.LABEL and isinstance(node, ast.Call) and ast.unparse(node.func) == "Label.parse":
        return Label.parse(_only_text(node))
    if kind is AttrType.SOURCE and isinstance(node, ast.Call) and ast.unparse(node.func) == "Source":
        return Source(_only_text(node))
    try:
        value: object = ast.literal_eval(node)
    except ValueError:
        raise InputError(f"the default {ast.unparse(node)} is not a literal", hint=_HINT) from None
    return _checked(value, kind, optional=optional)


_HINT = "literals can be read without running the file, and Sources(), Triples(), StringMap(), Label.parse(…)"


def _unwrapped(node: ast.expr) -> ast.expr:
    """What ``field(default=…)`` or ``field(default_factory=…)`` gives."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("field", "dataclasses.field"):
        for keyword in node.keywords:
            if keyword.arg == "default":
                return keyword.value
            if keyword.arg == "default_factory":
                return ast.Call(func=keyword.value, args=[], keywords=[])
    return node


def _is_call(node: ast.expr, *names: str) -> bool:
    if not isinstance(node, ast.Call) or node.args or node.keywords:
        return False
    return ast.unparse(node.func).rpartition(".")[2] in names


def _only_text(node: ast.Call) -> str:
    match node.args:
        case [ast.Constant(value=str(text))] if not node.keywords:
            return text
        case _:
            raise InputError(f"the default {ast.unparse(node)} is not a literal", hint=_HINT)


def _checked(value: object, kind: AttrType, *, optional: bool) -> Plain | None:
    if value is None and optional:
        return None
    scalar = _SCALARS.get(kind)
    if scalar is not None and type(value) is scalar:
        assert isinstance(value, str | bool | int)
        return value
    if is_tuple(value) and (kind is AttrType.STRINGS or (kind is AttrType.LABELS and not value)):
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) == len(value):
            return texts
    raise InputError(f"the default {value!r} is not a {kind.value}")
