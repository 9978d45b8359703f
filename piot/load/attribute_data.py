"""Attributes as plain data, which can be printed as JSON and kept between runs."""

from __future__ import annotations

from piot.model.catalog import Data
from piot.model.rule import Plain, Sources, StringMap, Triples
from piot.model.select import Select, SelectList, Value


def as_data(value: Value) -> Data:
    """An attribute as plain data.

    Files and globs are one list; a map has text alone for values, so that ``{"select": {…}}``, which stands
    for ``select()`` and with ``"always"`` for ``select_list()``, is never mistaken for one.
    """
    match value:
        case Select():
            return {"select": {name: _plain(branch) for name, branch in value.branches}}
        case SelectList():
            branches: dict[str, Data] = {name: _plain(branch) for name, branch in value.branches}
            return {"always": _plain(value.base), "select": branches}
        case _:
            return _plain(value)


def _plain(value: Plain) -> Data:
    match value:
        case str() | bool() | int():
            return value
        case StringMap():
            return dict(value.entries)
        case Sources():
            return [*value.files, *value.globs]
        case Triples():
            return list(value.names)
        case tuple():
            return [str(item) for item in value]
        case _:
            return str(value)
