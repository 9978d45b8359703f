"""Wherever packages are put, each finds the ones that were locked for it, as Node.js looks for them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.fetch import NpmFetch
from piot.model.npm.graph import LockedPackage, Needs, NpmGraph
from piot.model.npm.layout import NpmLayout, lay_out
from tests.model.npm.test_package_lock import hashed

NAMES = ["a", "b", "@s/c"]
KEYS = [f"{name}@{version}" for name in NAMES for version in ("1.0.0", "2.0.0", "2.0.0(b@1.0.0)")]


def package(key: str, needs: Mapping[str, str]) -> LockedPackage:
    name, _, version = key.partition("(")[0].rpartition("@")
    fetch = NpmFetch(name=name, version=version, integrity=hashed(key))
    return LockedPackage(fetch=fetch, needs=Needs(packages=needs))


def any_needs() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from([*NAMES, "alias"]), st.sampled_from(KEYS), max_size=4)


@st.composite
def graphs(draw: st.DrawFn) -> NpmGraph:
    folders = {"": draw(any_needs()), "packages/one": draw(any_needs()), "packages/two": draw(any_needs())}
    return NpmGraph(
        path="lock",
        importers={folder: Needs(packages=needs) for folder, needs in folders.items()},
        packages={key: package(key, draw(any_needs())) for key in KEYS},
        flat=draw(st.booleans()),
    )


def resolved(layout: NpmLayout, folder: str, name: str) -> str | None:
    """The folder that Node.js ends at (Node.js, *Loading from node_modules folders*)."""
    links = {**layout.links, **layout.outer}
    there = {*layout.places.values()}
    while True:
        place = posixpath.join(folder, "node_modules", name)
        if place in links:
            return links[place]
        if place in there:
            return place
        if not folder:
            return None
        folder = posixpath.dirname(folder)


@given(graphs())
def test_everybody_finds_what_was_locked(graph: NpmGraph) -> None:
    layout = lay_out(graph)
    assert len({*layout.places.values()}) == len(graph.packages)
    assert not {*layout.links} & {*layout.places.values()}
    assert all(target in layout.places.values() for target in layout.links.values())
    for folder, needs in graph.importers.items():
        for name, key in needs.packages.items():
            assert resolved(layout, folder, name) == layout.places[key], (folder, name)
    for key, each in graph.packages.items():
        for name, wanted in each.needs.packages.items():
            assert resolved(layout, layout.places[key], name) == layout.places[wanted], (key, name)


@given(graphs())
def test_what_is_laid_out_stays_in_the_folders_of_its_owners(graph: NpmGraph) -> None:
    layout = lay_out(graph)
    assert all(place.startswith("node_modules/") for place in (*layout.links, *layout.programs))
    assert all(place.startswith("packages/") for place in layout.outer)
    assert lay_out(graph) == layout


SMALL = {
    "a@1.0.0": package("a@1.0.0", {"b": "b@1.0.0(x@1)(y@2)"}),
    "b@1.0.0(x@1)(y@2)": package("b@1.0.0", {}),
}


@pytest.mark.parametrize(
    ("flat", "places"),
    [
        (
            False,
            [
                "node_modules/.pnpm/a@1.0.0/node_modules/a",
                "node_modules/.pnpm/b@1.0.0_x@1_y@2/node_modules/b",
            ],
        ),
        (True, ["node_modules/a", "node_modules/b"]),
    ],
)
def test_places_are_those_that_people_know(flat: bool, places: list[str]) -> None:
    graph = NpmGraph(path="lock", importers={"": Needs(packages={"a": "a@1.0.0"})}, packages=SMALL, flat=flat)
    layout = lay_out(graph)
    assert [*layout.places.values()] == places
    assert layout.programs["node_modules/.bin"][0] == places[0]


def test_without_peers_named_a_package_sees_the_one_that_most_packages_get() -> None:
    graph = NpmGraph(
        path="lock",
        importers={
            "packages/one": Needs(packages={"a": "a@2.0.0"}),
            "packages/two": Needs(packages={"a": "a@1.0.0", "b": "b@1.0.0"}),
            "packages/own": Needs(links={"b": "packages/two"}),
        },
        packages={
            "a@1.0.0": package("a@1.0.0", {}),
            "a@2.0.0": package("a@2.0.0", {}),
            "b@1.0.0": package("b@1.0.0", {"a": "a@1.0.0"}),
        },
    )
    layout = lay_out(graph)
    assert layout.places["a@1.0.0"] == "node_modules/a"
    assert layout.places["b@1.0.0"] == "node_modules/.store/b@1.0.0/node_modules/b"  # the name is taken
    assert layout.outer["packages/one/node_modules/a"] == "node_modules/.store/a@2.0.0/node_modules/a"
    assert layout.workspace == {"packages/own/node_modules/b": "packages/two"}


def test_names_of_folders_are_not_too_long() -> None:
    key = "a@1.0.0" + "".join(f"(peer-number-{number}@1.0.0)" for number in range(20))
    graph = NpmGraph(path="l", importers={}, packages={key: package("a@1.0.0", {})}, flat=False)
    (place,) = lay_out(graph).places.values()
    assert len(place.split("/")[2]) == 120
