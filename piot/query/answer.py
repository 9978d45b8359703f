"""Answers a query: from text and graph to the labels that it chooses."""

from __future__ import annotations

from piot.errors import InputError, near
from piot.model.label import Label, PackageName, Pattern
from piot.model.target import Adjacency, Target, TargetGraph
from piot.query.expression import Call, Chain, Expression, Patterns, Word, fault
from piot.query.functions import FUNCTIONS
from piot.query.parser import parse


def answer(text: str, graph: TargetGraph, *, package: str = "") -> tuple[Target, ...]:
    """The targets that the query chooses, sorted by label; ``:x`` is relative to the folder ``package``.

    Raises UsageError, with a caret, for a query that is written wrong, and InputError for a pattern that
    chooses nothing.
    """
    found = _Answer(text, graph, package).targets(parse(text, FUNCTIONS))
    return tuple(graph.targets[number] for number in sorted(found))


class _Answer:
    """One query; implements ``functions.Asked``."""

    def __init__(self, text: str, graph: TargetGraph, package: str) -> None:
        self._text = text
        self._graph = graph
        self._package = package

    @property
    def forward(self) -> Adjacency:
        return self._graph.forward

    @property
    def backward(self) -> Adjacency:
        return self._graph.backward

    def targets(self, expression: Expression) -> frozenset[int]:
        match expression:
            case Patterns():
                return self._chosen(expression)
            case Call():
                return self._called(expression)
            case Chain():
                return self._joined(expression)

    def number(self, expression: Expression) -> int:
        if not self.is_number(expression):
            raise fault("a whole number is expected", self._text, expression.column)
        assert isinstance(expression, Patterns)
        return int(expression.words[0].text)

    def is_number(self, expression: Expression) -> bool:
        words = expression.words if isinstance(expression, Patterns) else ()
        word = words[0] if len(words) == 1 else None
        return word is not None and not word.quoted and word.text.isascii() and word.text.isdecimal()

    def _chosen(self, patterns: Patterns) -> frozenset[int]:
        parsed = [self._pattern(word) for word in patterns.words]
        first = parsed[0]
        if len(parsed) == 1 and isinstance(first, Pattern) and first.name and not first.negative:
            number = self._graph.index.get(Label(first.package, first.name))
            if number is not None:  # without looking at every target, for queries of many labels
                return frozenset((number,))
        return frozenset(self._graph.index[target.label] for target in self._graph.select(parsed))

    def _pattern(self, word: Word) -> Pattern | PackageName:
        try:
            pattern = Pattern.parse(word.text, package=self._package)
        except InputError as error:
            raise fault(error.message, self._text, word.column, error.hint) from None
        if isinstance(pattern, PackageName):
            packages = {target.package for target in self._graph.targets if target.package}
            if pattern.name not in packages:
                message = f'no package with targets and no function is called "{pattern.name}"'
                hint = near(pattern.name, sorted({*packages, *FUNCTIONS}))
                raise fault(message, self._text, word.column, hint)
        return pattern

    def _called(self, call: Call) -> frozenset[int]:
        function = FUNCTIONS[call.name]
        if not function.least <= len(call.arguments) <= function.most:
            number = len(call.arguments)
            message = f"{call.name} is given {number or 'no'} argument{'' if number == 1 else 's'}"
            raise fault(message, self._text, call.column, f"it is written {function.usage}")
        return function.run(self, call.arguments)

    def _joined(self, chain: Chain) -> frozenset[int]:
        found = self.targets(chain.first)
        for operator, operand in chain.rest:
            other = self.targets(operand)
            match operator:
                case "+":
                    found |= other
                case "-":
                    found -= other
                case "^":
                    found &= other
        return found
