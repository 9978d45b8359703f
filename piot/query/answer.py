"""Answers a query: from text and catalog to the targets or files that it chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from piot.errors import UsageError, near
from piot.model.catalog import Catalog
from piot.query.expression import Call, Chain, Expression, Let, Patterns, SetOperator, Variable, fault
from piot.query.functions import FUNCTIONS, Function
from piot.query.parser import parse
from piot.query.select import Selector
from piot.query.values import Files, Found, Revisions, owners
from piot.query.way import Way, way

_T = TypeVar("_T", int, str)


def answer(
    text: str,
    catalog: Catalog,
    *,
    package: str = "",
    revisions: Callable[[], Revisions] | None = None,
) -> Found | Way:
    """What the query chooses; ``:x`` and paths are relative to the folder ``package``.

    Raises UsageError, with a caret, for a query that is written wrong or names what does not exist.
    """
    line = text.replace("\n", " ").replace("\t", " ")
    asked, expression = _Answer(line, catalog, package, revisions), parse(line, FUNCTIONS)
    if isinstance(expression, Call) and expression.name == "why":
        asked.check(expression)
        return way(asked, expression.arguments)
    return asked.value(expression)


class _Answer:
    """One query; implements ``values.Asked``."""

    def __init__(
        self, text: str, catalog: Catalog, package: str, revisions: Callable[[], Revisions] | None
    ) -> None:
        self._text = text
        self._catalog = catalog
        self._revisions = revisions
        self._selector = Selector(catalog, text, package, tuple(FUNCTIONS))
        self._variables: dict[str, Found] = {}

    @property
    def catalog(self) -> Catalog:
        return self._catalog

    @property
    def revisions(self) -> Revisions:
        if self._revisions is None:
            raise UsageError("the history of this checkout is not known")
        return self._revisions()

    def value(self, expression: Expression) -> Found:
        match expression:
            case Patterns():
                return self._selector.chosen(expression.words)
            case Call():
                return self._called(expression)
            case Chain():
                return self._joined(expression)
            case Variable():
                return self._variable(expression)
            case Let():
                return self._let(expression)

    def file(self, expression: Expression) -> str | None:
        words = expression.words if isinstance(expression, Patterns) else ()
        return self._selector.file(words[0]) if len(words) == 1 else None

    def targets(self, expression: Expression) -> frozenset[int]:
        found = self.value(expression)
        return owners(self._catalog, found.paths) if isinstance(found, Files) else found

    def paths(self, expression: Expression) -> frozenset[str]:
        if isinstance(expression, Patterns):
            found = [(word, self._selector.file(word)) for word in expression.words]
            for word, path in found:
                if path is None:
                    raise self._selector.no_file(word)
            return frozenset(path for _, path in found if path is not None)
        files = self.value(expression)
        if not isinstance(files, Files):
            hint = "inputs(x) gives the files that x is made of"
            raise self.fault("files are expected, and this gives targets", expression, hint)
        return files.paths

    def number(self, expression: Expression) -> int:
        if not self.is_number(expression):
            raise self.fault("a whole number is expected", expression)
        return int(self.text(expression))

    def is_number(self, expression: Expression) -> bool:
        words = expression.words if isinstance(expression, Patterns) else ()
        word = words[0] if len(words) == 1 else None
        return word is not None and not word.quoted and word.text.isascii() and word.text.isdecimal()

    def text(self, expression: Expression) -> str:
        if isinstance(expression, Call) and not expression.arguments:
            return expression.name  # attributes may be called as functions are: attr(deps, …)
        if not isinstance(expression, Patterns) or len(expression.words) != 1:
            hint = "put quotes around text with spaces, brackets or commas, or that begins with $"
            raise self.fault("one word is expected", expression, hint)
        return expression.words[0].text

    def fault(self, message: str, expression: Expression, hint: str | None = None) -> UsageError:
        return fault(message, self._text, expression.column, hint)

    def _called(self, call: Call) -> Found:
        return self.check(call).run(self, call.arguments)

    def check(self, call: Call) -> Function:
        """The function that is called; raises UsageError when it takes fewer or more arguments."""
        function = FUNCTIONS[call.name]
        if not function.least <= len(call.arguments) <= function.most:
            number = len(call.arguments)
            message = f"{call.name} is given {number or 'no'} argument{'' if number == 1 else 's'}"
            raise self.fault(message, call, f"it is written {function.usage}")
        return function

    def _variable(self, variable: Variable) -> Found:
        if variable.name not in self._variables:
            known = [f"${name}" for name in self._variables]
            hint = near(f"${variable.name}", known) or f"write let {variable.name} = … in …"
            raise self.fault(f"nothing is called ${variable.name} here", variable, hint)
        return self._variables[variable.name]

    def _let(self, let: Let) -> Found:
        value = self.value(let.value)
        outer = self._variables
        self._variables = {**outer, let.name: value}
        try:
            return self.value(let.body)
        finally:
            self._variables = outer

    def _joined(self, chain: Chain) -> Found:
        found = self.value(chain.first)
        for operator, operand in chain.rest:
            other = self.value(operand)
            if isinstance(found, Files) and isinstance(other, Files):
                found = Files(_set_of(operator, found.paths, other.paths))
            elif isinstance(found, Files) or isinstance(other, Files):
                hint = "owner(…) gives the targets that files belong to, inputs(…) the files of targets"
                raise self.fault("files and targets cannot be joined", operand, hint)
            else:
                found = _set_of(operator, found, other)
        return found


def _set_of(operator: SetOperator, left: frozenset[_T], right: frozenset[_T]) -> frozenset[_T]:
    match operator:
        case "+":
            return left | right
        case "-":
            return left - right
        case "^":
            return left & right
