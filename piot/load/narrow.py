"""What the type checkers may know about data that came from Starlark or from a literal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard


def is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """A list or a tuple."""
    return isinstance(value, list | tuple)


def is_tuple(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def is_dict(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)


def is_texts(value: object) -> TypeGuard[Sequence[str]]:
    """A list or a tuple of strings."""
    return is_sequence(value) and all(isinstance(item, str) for item in value)
