"""Documents as JSON, TOML and YAML give them, read without trust: what is no table is an empty one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard, cast

Table: TypeAlias = Mapping[str, object]


def is_table(value: object) -> TypeGuard[Table]:
    """Whether a value is a table."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    """Whether a value is an array."""
    return isinstance(value, list | tuple)


def as_table(value: object) -> Table:
    """The table; an empty one in place of anything else."""
    return cast("Table", value) if isinstance(value, dict) else {}


def table_at(value: Table, *keys: str) -> Table:
    """The table below ``keys``; an empty one when there is none."""
    for key in keys:
        value = as_table(value.get(key))
    return value


def texts(value: object) -> tuple[str, ...]:
    """The strings of an array; empty for anything else."""
    return tuple(item for item in value if isinstance(item, str)) if is_array(value) else ()
