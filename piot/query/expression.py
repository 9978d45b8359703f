"""What a query says, as a tree; every node knows the column where it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from piot.errors import UsageError

SetOperator: TypeAlias = Literal["+", "-", "^"]


@dataclass(frozen=True, slots=True)
class Word:
    """Text that stands for itself: a pattern, a number, later a regular expression or a variable.

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


Expression: TypeAlias = Patterns | Call | Chain


def is_operator(word: Word) -> bool:
    """Whether the word is a set operator: `` + ``, `` - `` or `` ^ `` between spaces."""
    return not word.quoted and word.text in ("+", "-", "^")


def operator_of(word: Word) -> SetOperator:
    """The operator that ``is_operator`` found."""
    return cast("SetOperator", word.text)


def fault(message: str, text: str, column: int, hint: str | None = None) -> UsageError:
    """An error that shows the expression with a caret below ``column``."""
    return UsageError(f"{message}\n    {text}\n    {' ' * column}^", hint=hint)
