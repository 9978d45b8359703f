"""The words of a query into a tree.

    expression = "let" VARIABLE "=" expression "in" expression
               | operand { ("+" | "-" | "^" | "union" | "except" | "intersect") operand }
    operand    = "(" expression ")" | NAME "(" [ expression { "," expression } ] ")" | NAME argument…
               | "$"VARIABLE | pattern…

A NAME is a known function. Operators stand between spaces, because names of targets may contain them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from piot.errors import UsageError, listed, near
from piot.query.expression import (
    OPERATORS,
    Call,
    Chain,
    Expression,
    Let,
    Patterns,
    SetOperator,
    Variable,
    Word,
    fault,
    is_operator,
)

_TOKEN = re.compile(r"""\s*(?:([(),])|"([^"]*)"|'([^']*)'|([^\s(),"']+)|(\S))""")
_NAME = re.compile(r"[a-z_]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 100
"""Brackets within brackets; far fewer than Python's stack can take."""


def parse(text: str, functions: Collection[str]) -> Expression:
    """The query ``text``, which is one line; ``functions`` are the names that may be called.

    Raises UsageError with a caret below what is wrong.
    """
    return _Parser(text, functions).whole()


class _Parser:
    def __init__(self, text: str, functions: Collection[str]) -> None:
        self._text = text
        self._functions = functions
        self._words = _words(self._text)
        self._next = 0
        self._depth = 0
        self._values = 0
        """How many ``let`` have begun whose "in" is still to come."""

    def whole(self) -> Expression:
        if not self._words:
            raise UsageError("the query is empty", hint="//... are all targets; see: piot help query")
        found = self._expression()
        if (left := self._peek()) is not None:
            raise self._unexpected(left)
        return found

    def _expression(self) -> Expression:
        self._depth += 1
        found = self._let() if self._is("let") and self._is("=", ahead=2) else self._chain()
        self._depth -= 1
        return found

    def _let(self) -> Let:
        self._check_depth()
        begin, name = self._words[self._next : self._next + 2]
        if not _VARIABLE.fullmatch(name.text):
            message = f'"{name.text}" cannot name a variable'
            raise fault(message, self._text, name.column, "letters, digits and _ can")
        self._next += 3
        self._values += 1
        value = self._expression()
        if not self._is("in"):
            raise self._expected('"in"', self._peek())
        self._next += 1
        self._values -= 1
        return Let(name.text, begin.column, value, self._expression())

    def _chain(self) -> Expression:
        first = self._operand()
        rest: list[tuple[SetOperator, Expression]] = []
        while (word := self._peek()) is not None and is_operator(word):
            self._next += 1
            rest.append((OPERATORS[word.text], self._operand()))
        return Chain(first, tuple(rest)) if rest else first

    def _operand(self) -> Expression:
        word = self._peek()
        if word is None or self._ends(word) or is_operator(word):
            raise self._expected("a pattern or a function", word)
        self._check_depth()
        if self._is("("):
            self._next += 1
            inside = self._expression()
            self._close()
            return inside
        if self._called(word):
            return self._call(word)
        if _variable(word):
            self._next += 1
            return Variable(word.text[1:], word.column)
        return self._patterns()

    def _check_depth(self) -> None:
        if self._depth > _DEEPEST:
            raise fault("the query is nested too deeply", self._text, self._words[self._next].column)

    def _called(self, word: Word) -> bool:
        """Whether a function begins here; an unknown one is an error only where a bracket says so."""
        if word.quoted or not _NAME.fullmatch(word.text):
            return False
        if word.text not in self._functions and self._is("(", ahead=1):
            known = sorted(self._functions)
            hint = near(word.text, known) or f"there are {listed(known, limit=len(known))}"
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
            if not self._begins(word):
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
            if words and (self._begins(word) or (single and not away)):
                break
            words.append(word)
            self._next += 1
        return Patterns(tuple(words))

    def _begins(self, word: Word) -> bool:
        """Whether the word begins an operand that is no pattern."""
        return self._is("(") or self._called(word) or _variable(word)

    def _ends(self, word: Word) -> bool:
        return not word.quoted and (word.text in (")", ",") or (self._values > 0 and word.text == "in"))

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


def _variable(word: Word) -> bool:
    return not word.quoted and word.text.startswith("$")


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
