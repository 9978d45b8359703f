"""The words of a query into a tree.

    expression = operand { ("+" | "-" | "^") operand }
    operand    = "(" expression ")" | NAME "(" expression { "," expression } ")" | NAME argument…
               | pattern…

A NAME is a known function. Operators stand between spaces, because names of targets may contain them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from piot.errors import UsageError, listed, near
from piot.query.expression import (
    Call,
    Chain,
    Expression,
    Patterns,
    SetOperator,
    Word,
    fault,
    is_operator,
    operator_of,
)

_TOKEN = re.compile(r"""\s*(?:([(),])|"([^"]*)"|'([^']*)'|([^\s(),"']+)|(\S))""")
_NAME = re.compile(r"[a-z_]+")
_DEEPEST = 100
"""Brackets within brackets; far fewer than Python's stack can take."""


def parse(text: str, functions: Collection[str]) -> Expression:
    """The query ``text``; ``functions`` are the names that may be called.

    Raises UsageError with a caret below what is wrong.
    """
    return _Parser(text, functions).whole()


class _Parser:
    def __init__(self, text: str, functions: Collection[str]) -> None:
        self._text = text.replace("\n", " ").replace("\t", " ")
        self._functions = functions
        self._words = _words(self._text)
        self._next = 0
        self._depth = 0

    def whole(self) -> Expression:
        if not self._words:
            raise UsageError("the query is empty", hint="//... are all targets; see: piot help query")
        found = self._expression()
        if (left := self._peek()) is not None:
            raise self._unexpected(left)
        return found

    def _expression(self) -> Expression:
        self._depth += 1
        first = self._operand()
        rest: list[tuple[SetOperator, Expression]] = []
        while (word := self._peek()) is not None and is_operator(word):
            self._next += 1
            rest.append((operator_of(word), self._operand()))
        self._depth -= 1
        return Chain(first, tuple(rest)) if rest else first

    def _operand(self) -> Expression:
        word = self._peek()
        if word is None or self._ends(word) or is_operator(word):
            raise self._expected("a pattern or a function", word)
        if self._depth > _DEEPEST:
            raise fault("the query is nested too deeply", self._text, word.column)
        if self._is("("):
            self._next += 1
            inside = self._expression()
            self._close()
            return inside
        if self._called(word):
            return self._call(word)
        return self._patterns()

    def _called(self, word: Word) -> bool:
        """Whether a function begins here; an unknown one is an error only where a bracket says so."""
        if word.quoted or not _NAME.fullmatch(word.text):
            return False
        if word.text not in self._functions and self._is("(", ahead=1):
            known = sorted(self._functions)
            hint = near(word.text, known) or f"there are {listed(known)}"
            raise fault(f'unknown function "{word.text}"', self._text, word.column, hint)
        return word.text in self._functions

    def _call(self, name: Word) -> Call:
        self._next += 1
        if not self._is("("):
            return Call(name.text, name.column, self._bare_arguments())
        self._next += 1
        arguments = [] if self._is(")") else [self._expression()]
        while self._is(","):
            self._next += 1
            arguments.append(self._expression())
        self._close()
        return Call(name.text, name.column, tuple(arguments))

    def _bare_arguments(self) -> tuple[Expression, ...]:
        """What follows a function without brackets: each word is an argument, up to an operator."""
        found: list[Expression] = []
        self._depth += 1
        while (word := self._peek()) is not None and not is_operator(word) and not self._ends(word):
            if not word.quoted and not self._is("(") and not self._called(word):
                found.append(self._patterns(single=True))
            else:
                found.append(self._operand())
        self._depth -= 1
        return tuple(found)

    def _patterns(self, *, single: bool = False) -> Patterns:
        """Patterns side by side; a ``single`` one takes along only those that take away from it."""
        words: list[Word] = []
        while (word := self._peek()) is not None and not is_operator(word) and not self._ends(word):
            away = word.text.startswith("-") and not word.quoted
            if words and (self._is("(") or self._called(word) or (single and not away)):
                break
            words.append(word)
            self._next += 1
        return Patterns(tuple(words))

    def _ends(self, word: Word) -> bool:
        return not word.quoted and word.text in (")", ",")

    def _peek(self) -> Word | None:
        return self._words[self._next] if self._next < len(self._words) else None

    def _is(self, mark: str, *, ahead: int = 0) -> bool:
        place = self._next + ahead
        return place < len(self._words) and self._words[place] == Word(mark, self._words[place].column)

    def _close(self) -> None:
        if not self._is(")"):
            raise self._expected('")"', self._peek())
        self._next += 1

    def _expected(self, what: str, word: Word | None) -> UsageError:
        if word is None:
            return fault(f"the query ends where {what} is expected", self._text, len(self._text.rstrip()))
        return fault(f'{what} is expected before "{word.text}"', self._text, word.column)

    def _unexpected(self, word: Word) -> UsageError:
        hint = 'join two queries with " + " (both), " - " (without) or " ^ " (common)'
        if word.text in (")", ","):
            return fault(f'"{word.text}" has no "(" before it', self._text, word.column)
        return fault(f'an operator is expected before "{word.text}"', self._text, word.column, hint)


def _words(text: str) -> list[Word]:
    words: list[Word] = []
    end = len(text.rstrip())
    place = 0
    while place < end:
        match = _TOKEN.match(text, place)
        assert match is not None, "a token is at least one character"
        mark, double, single, plain, odd = match.groups()
        column = match.start(match.lastindex or 0)
        if odd is not None:
            raise fault(f"{odd} is not closed", text, column)
        quoted = double if double is not None else single
        if quoted is not None:
            words.append(Word(quoted, column - 1, quoted=True))
        else:
            words.append(Word(mark or plain, column))
        place = match.end()
    return words
