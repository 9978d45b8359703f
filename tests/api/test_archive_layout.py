"""Where things go in an archive: inside, each in one place, whatever a layout says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.api.archive_layout import Item, places
from piot.api.faults import Faults
from piot.errors import Problems
from piot.model.action import Output
from piot.model.label import Label
from piot.model.nodes import check_path

FAULTS = Label("a", "x")


def placed(items: list[Item], layout: dict[str, str], top: str = "") -> tuple[str, ...]:
    faults = Faults(FAULTS)
    found = places(items, layout, "a", top, faults)
    faults.tell()
    return found


def file(path: str) -> Item:
    return Item(key=path, content=path)


def output(path: str, *, directory: bool = False, folder: str = "") -> Item:
    return Item(
        key="//a:out", content=Output(action="//a:out", path=path, directory=directory), folder=folder
    )


@pytest.mark.parametrize(
    ("item", "layout", "place"),
    [
        pytest.param(file("a/LICENSE"), {}, "LICENSE", id="its own name at the top"),
        pytest.param(file("a/LICENSE"), {"LICENSE": "doc/"}, "doc/LICENSE", id="into a folder"),
        pytest.param(file("a/LICENSE"), {"LICENSE": "LICENCE.txt"}, "LICENCE.txt", id="another name"),
        pytest.param(file("a/LICENSE"), {"LICENSE": "./doc//"}, "doc/LICENSE", id="made plain"),
        pytest.param(file("b/c"), {"../b/c": "x"}, "x", id="beside the folder"),
        pytest.param(file("b/c"), {"//b:c": "x"}, "x", id="as a label"),
        pytest.param(file("a/d/e/f"), {"d/": "doc/"}, "doc/e/f", id="below a folder"),
        pytest.param(file("a/d/e/f"), {"d/": "doc/", "d/e/": "./"}, "f", id="the nearest folder"),
        pytest.param(file("a/d/e/f"), {"d/": "doc/", "d/e/f": "g"}, "g", id="the file before its folder"),
        pytest.param(output("out/x"), {}, "x", id="output"),
        pytest.param(output("out/x", folder="doc/"), {}, "doc/x", id="output with a folder of its own"),
        pytest.param(output("out/x", folder="doc/"), {":out": "./"}, "x", id="output at the top"),
        pytest.param(output("made", directory=True), {}, "", id="folder at the top"),
        pytest.param(output("made", directory=True), {"//a:out": "b"}, "b/", id="folder with another name"),
    ],
)
def test_everything_has_its_place(item: Item, layout: dict[str, str], place: str) -> None:
    assert placed([item], layout) == (place,)
    assert placed([item], layout, "top") == (f"top/{place}",)


def test_a_folder_of_two_targets_can_be_the_same_and_a_file_can_not() -> None:
    one, other = output("x", directory=True, folder="doc/"), output("y", directory=True, folder="doc/")
    assert placed([one, other], {}) == ("doc/", "doc/")
    with pytest.raises(Problems, match="a/c and b/c would both be c"):
        placed([file("a/c"), file("b/c")], {})


NAMES = st.text(st.sampled_from("abC./"), min_size=1, max_size=6)
PATHS = st.lists(st.sampled_from("abC"), min_size=1, max_size=3).map("/".join)


@given(st.lists(PATHS, max_size=4, unique=True), st.dictionaries(NAMES, NAMES, max_size=3))
def test_what_is_not_refused_lies_inside_each_file_alone(paths: list[str], layout: dict[str, str]) -> None:
    try:
        found = placed([file(f"a/{path}") for path in paths], layout, "top")
    except Problems:
        return
    assert [check_path(place) for place in found] == [*found]
    assert all(place.startswith("top/") for place in found)
    assert len({place.casefold() for place in found}) == len(paths)
    folded = [place.casefold() for place in found]
    assert not any(other.startswith(f"{place}/") for place in folded for other in folded)
