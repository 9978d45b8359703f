"""The functions of the query language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from piot.errors import near
from piot.query.changes import affected
from piot.query.expression import Expression, Patterns, Word
from piot.query.values import Arguments, Asked, Files, Found, owners, texts
from piot.query.walks import reach, shortest
from piot.query.way import way

ALL = Patterns((Word("//...", 0),))
MANY = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function by how it is written, with the least and the most arguments that it takes."""

    usage: str
    least: int
    most: int
    run: Callable[[Asked, Arguments], Found]


def _deps(asked: Asked, arguments: Arguments) -> frozenset[int]:
    depth = asked.number(arguments[1]) if len(arguments) > 1 else None
    return reach(asked.catalog.forward, asked.targets(arguments[0]), depth)


def _rdeps(asked: Asked, arguments: Arguments) -> frozenset[int]:
    """``rdeps(x, 1)`` is a depth where ``rdeps(universe, x)`` is not; the universe is closed under deps.

    In all that patterns choose there is no publish node, but where it is asked for one.
    """
    given = list(arguments)
    if len(given) == 1 or (len(given) == 2 and asked.is_number(given[1])):
        given.insert(0, ALL)
    universe = asked.targets(given[0])
    depth = asked.number(given[2]) if len(given) > 2 else None
    start = asked.targets(given[1])
    apart = asked.catalog.publishing
    if len(universe) + len(apart) == len(asked.catalog.labels) and universe.isdisjoint(apart):
        found = reach(asked.catalog.backward, start, depth)
        return found if start & apart else found - apart
    universe = reach(asked.catalog.forward, universe)
    return reach(asked.catalog.backward, start & universe, depth, universe)


def _allpaths(asked: Asked, arguments: Arguments) -> frozenset[int]:
    below = reach(asked.catalog.forward, asked.targets(arguments[0]))
    return reach(asked.catalog.backward, asked.targets(arguments[1]) & below, None, below)


def _somepath(asked: Asked, arguments: Arguments) -> frozenset[int]:
    start, end = asked.targets(arguments[0]), asked.targets(arguments[1])
    return frozenset(shortest(asked.catalog.forward, start, end))


def _kind(asked: Asked, arguments: Arguments) -> frozenset[int]:
    expression, kinds = _regex(asked, arguments[0]), asked.catalog.kinds
    fitting = {kind for kind in set(kinds) if expression.search(kind)}
    return frozenset(number for number in _last(asked, arguments, 1) if kinds[number] in fitting)


def _filter(asked: Asked, arguments: Arguments) -> Found:
    expression = _regex(asked, arguments[0])
    found = asked.value(arguments[1] if len(arguments) > 1 else ALL)
    if isinstance(found, Files):
        return Files(frozenset(path for path in found.paths if expression.search(path)))
    return frozenset(number for number in found if expression.search(asked.catalog.labels[number]))


def _attr(asked: Asked, arguments: Arguments) -> frozenset[int]:
    name, expression = asked.text(arguments[0]), _regex(asked, arguments[1])
    chosen, rows = _last(asked, arguments, 2), asked.catalog.rows()
    if not any(name in rows[number][2] for number in chosen):
        known = {attr for row in rows for attr in row[2]}
        if name not in known:
            raise asked.fault(f'no target has an attribute "{name}"', arguments[0], near(name, sorted(known)))
    return frozenset(
        number
        for number in chosen
        if name in rows[number][2] and any(map(expression.search, texts(rows[number][2][name])))
    )


def _owner(asked: Asked, arguments: Arguments) -> frozenset[int]:
    return owners(asked.catalog, asked.paths(arguments[0]))


def _inputs(asked: Asked, arguments: Arguments) -> Files:
    rows = asked.catalog.rows()
    return Files(frozenset(path for number in asked.targets(arguments[0]) for path in rows[number][3]))


def _outputs(asked: Asked, arguments: Arguments) -> Files:
    rows = asked.catalog.rows()
    named = (rows[number][2].get("outputs", []) for number in asked.targets(arguments[0]))
    return Files(frozenset(path for data in named for path in texts(data)))


def _buildfiles(asked: Asked, arguments: Arguments) -> Files:
    rows = asked.catalog.rows()
    return Files(frozenset(path for number in asked.targets(arguments[0]) for path in rows[number][4]))


def _set(asked: Asked, arguments: Arguments) -> frozenset[int]:
    return frozenset(number for argument in arguments for number in asked.targets(argument))


def _why(asked: Asked, arguments: Arguments) -> frozenset[int]:
    return way(asked, arguments).targets


FUNCTIONS: Mapping[str, Function] = {
    "affected": Function(usage="affected(base[, head])", least=1, most=2, run=affected),
    "allpaths": Function(usage="allpaths(from, to)", least=2, most=2, run=_allpaths),
    "attr": Function(usage="attr(name, regex[, x])", least=2, most=3, run=_attr),
    "buildfiles": Function(usage="buildfiles(x)", least=1, most=1, run=_buildfiles),
    "deps": Function(usage="deps(x[, depth])", least=1, most=2, run=_deps),
    "filter": Function(usage="filter(regex[, x])", least=1, most=2, run=_filter),
    "inputs": Function(usage="inputs(x)", least=1, most=1, run=_inputs),
    "kind": Function(usage="kind(regex[, x])", least=1, most=2, run=_kind),
    "outputs": Function(usage="outputs(x)", least=1, most=1, run=_outputs),
    "owner": Function(usage="owner(file)", least=1, most=1, run=_owner),
    "rdeps": Function(usage="rdeps([universe,] x[, depth])", least=1, most=3, run=_rdeps),
    "set": Function(usage="set(x y …)", least=0, most=MANY, run=_set),
    "somepath": Function(usage="somepath(from, to)", least=2, most=2, run=_somepath),
    "why": Function(usage="why(x, y)", least=2, most=2, run=_why),
}


def _last(asked: Asked, arguments: Arguments, place: int) -> frozenset[int]:
    """The targets of an argument that may be left out: all of them."""
    return asked.targets(arguments[place] if len(arguments) > place else ALL)


def _regex(asked: Asked, expression: Expression) -> re.Pattern[str]:
    try:
        return re.compile(asked.text(expression))
    except re.error as error:
        hint = "write \\ before a character that means itself"
        raise asked.fault(f"not a regular expression: {error.msg}", expression, hint) from None
