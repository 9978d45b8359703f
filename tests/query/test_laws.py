"""Laws of the query language, and its walks against a graph that is walked naively."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from piot.model.catalog import Catalog
from piot.query.answer import answer
from piot.query.formats import tree
from piot.query.walks import shortest
from tests.support.catalogs import catalog_of

LARGEST = 8


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Graphs without cycles: targets depend on those with higher numbers."""
    count = draw(st.integers(1, LARGEST))
    pairs = [(user, dep) for user in range(count) for dep in range(user + 1, count)]
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set[tuple[int, int]]()
    deps = {user: [dep for one, dep in sorted(edges) if one == user] for user in range(count)}
    return catalog_of({f"//:n{user}": tuple(f"//:n{dep}" for dep in deps[user]) for user in deps})


@st.composite
def catalogs_with(draw: st.DrawFn, sets: int) -> tuple[Catalog, list[frozenset[int]]]:
    """A graph, and some sets of its targets."""
    catalog = draw(catalogs())
    members = st.frozensets(st.integers(0, len(catalog.labels) - 1))
    return catalog, [draw(members) for _ in range(sets)]


def written(catalog: Catalog, numbers: frozenset[int]) -> str:
    return f"set({' '.join(catalog.labels[number] for number in sorted(numbers))})"


def asked(catalog: Catalog, form: str, *sets: frozenset[int]) -> frozenset[int]:
    found = answer(form.format(*(written(catalog, each) for each in sets)), catalog)
    assert isinstance(found, frozenset)
    return found


def ways(catalog: Catalog, start: frozenset[int]) -> list[tuple[int, ...]]:
    """Every path that begins in ``start``, of any length, one by one."""
    found: list[tuple[int, ...]] = [(number,) for number in sorted(start)]
    for path in found:
        found += [(*path, dep) for dep in catalog.forward[path[-1]]]
    return found


@given(catalogs_with(3))
def test_set_operators_are_those_of_sets(given_: tuple[Catalog, list[frozenset[int]]]) -> None:
    catalog, (a, b, c) = given_
    assert asked(catalog, "{} + {}", a, b) == asked(catalog, "{} union {}", a, b) == a | b
    assert asked(catalog, "{} - {}", a, b) == asked(catalog, "{} except {}", a, b) == a - b
    assert asked(catalog, "{} ^ {}", a, b) == asked(catalog, "{} intersect {}", a, b) == a & b
    assert asked(catalog, "{} + {} - {}", a, b, c) == (a | b) - c
    assert asked(catalog, "{} + ({} - {})", a, b, c) == a | (b - c)
    assert asked(catalog, "{} ^ {} + {}", a, b, c) == a & b | c


@given(catalogs_with(2))
def test_a_variable_stands_for_its_value(given_: tuple[Catalog, list[frozenset[int]]]) -> None:
    catalog, (a, b) = given_
    inlined = asked(catalog, "deps({}) - {} + rdeps({})", a, b, a)
    assert asked(catalog, "let x = {} in deps($x) - {} + rdeps($x)", a, b) == inlined


@given(catalogs_with(1), st.integers(0, LARGEST))
def test_deps_are_the_ends_of_all_ways(given_: tuple[Catalog, list[frozenset[int]]], depth: int) -> None:
    catalog, (a,) = given_
    assert asked(catalog, "deps({})", a) == {path[-1] for path in ways(catalog, a)}
    near = {path[-1] for path in ways(catalog, a) if len(path) <= depth + 1}
    assert asked(catalog, f"deps({{}}, {depth})", a) == near


@given(catalogs_with(2), st.integers(0, LARGEST))
def test_rdeps_are_the_beginnings_of_all_ways(
    given_: tuple[Catalog, list[frozenset[int]]], depth: int
) -> None:
    catalog, (a, universe) = given_
    everything = ways(catalog, frozenset(range(len(catalog.labels))))
    assert asked(catalog, "rdeps({})", a) == {path[0] for path in everything if path[-1] in a}
    near = {path[0] for path in everything if path[-1] in a and len(path) <= depth + 1}
    assert asked(catalog, f"rdeps({{}}, {depth})", a) == near
    inside = {path[-1] for path in ways(catalog, universe)}
    users = {path[0] for path in everything if path[-1] in a and inside.issuperset(path)}
    assert asked(catalog, "rdeps({}, {})", universe, a) == users


@given(catalogs_with(2))
def test_allpaths_are_the_members_of_all_ways_between(given_: tuple[Catalog, list[frozenset[int]]]) -> None:
    catalog, (a, b) = given_
    between = {number for path in ways(catalog, a) if path[-1] in b for number in path}
    assert asked(catalog, "allpaths({}, {})", a, b) == between


@given(catalogs_with(2))
def test_somepath_is_one_of_the_shortest_ways_between(given_: tuple[Catalog, list[frozenset[int]]]) -> None:
    catalog, (a, b) = given_
    lengths = [len(path) for path in ways(catalog, a) if path[-1] in b]
    path = shortest(catalog.forward, a, b)
    assert asked(catalog, "somepath({}, {})", a, b) == frozenset(path)
    assert len(path) == min(lengths, default=0)
    if path:
        assert path[0] in a
        assert path[-1] in b
        assert all(dep in catalog.forward[user] for user, dep in pairwise(path))


@given(catalogs_with(1))
def test_a_tree_names_every_chosen_target(given_: tuple[Catalog, list[frozenset[int]]]) -> None:
    catalog, (a,) = given_
    lines = tree(catalog, sorted(a)).splitlines()
    assert {line.strip().removesuffix(" (*)") for line in lines} == {catalog.labels[number] for number in a}
