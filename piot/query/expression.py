"""What a query says, as a tree; every node knows the column where it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.errors import UsageError

SetOperator: TypeAlias = Literal["+", "-", "^"]
OPERATORS: Mapping[str, SetOperator] = {
    **{"+": "+", "-": "-", "^": "^"},
    **{"union": "+", "except": "-", "intersect": "^"},
}
"""Every spelling of the set operators; the words are Bazel's."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text that stands for itself: a pattern, a path, a number or a regular expression.

    ``column`` counts characters from 0, and ``quoted`` text is never a number, function or operator.
    """

    text: str
    column: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns side by side: all that they choose, from left to right, ``-PATTERN`` taking away."""

    words: tuple[Word, ...]

    @property
    def column(self) -> int:
        return self.words[0].column


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments, as ``deps(//x:y, 1)`` or ``deps //x:y 1``."""

    name: str
    column: int
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """``first + a - b``: set operators of one rank, from left to right."""

    first: Expression
    rest: tuple[tuple[SetOperator, Expression], ...]

    @property
    def column(self) -> int:
        return self.first.column


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``: what the ``let`` around it gave that name."""

    name: str
    column: int


@dataclass(frozen=True, slots=True)
class Let:
    """``let name = value in body``."""

    name: str
    column: int
    value: Expression
    body: Expression


Expression: TypeAlias = Patterns | Call | Chain | Variable | Let


def is_operator(word: Word) -> bool:
    """Whether the word is a set operator: `` + ``, `` - `` or `` ^ `` between spaces, or its name."""
    return not word.quoted and word.text in OPERATORS


def fault(message: str, text: str, column: int, hint: str | None = None) -> UsageError:
    """An error that shows the expression with a caret below ``column``."""
    return UsageError(f"{message}\n    {text}\n    {' ' * column}^", hint=hint)
