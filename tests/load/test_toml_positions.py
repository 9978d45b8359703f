"""Where keys and values stand in TOML, also in documents that are hard to read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tomli
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from piot.load.toml_positions import Positions, Where, array_table_lines
from piot.model.tables import is_array, is_table

NASTY = (
    '''\
# [[package]] in a comment
title = """
[[package]]
name = "not me" \\""" # "
x = 1"""" # ends with a quote of its own
"quoted.key" = 'C:\\new [x] # no comment'
"esc\\u0061ped" = 1
dotted.a . "b" = 1979-05-27 07:32:00
inline = { x = [1, 2, { y = "}" }], z.w = '''
    + """'''"""
    + """ # ]
'x' """
    + """'''"""
    + """ }
  [ table . "sub.x" ]
  deep = [ # comment ]
    "a", [ "b",
      "c" ],
  ]
[[package]]
name = "one"
[package.bundle_cli]
bin = "x"
[[package.targets]]
triple = "t0"
[[package.targets]]
triple = "t1"
[[ "package" ]]
name = "two"
[[package.targets]]
triple = "t2"
"""
)


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        (("title",), (2, 1), (2, 9)),
        (("quoted.key",), (6, 1), (6, 16)),
        (("escaped",), (7, 1), (7, 18)),
        (("dotted",), (8, 1), (8, 1)),
        (("dotted", "a", "b"), (8, 1), (8, 18)),
        (("inline", "x", 1), (9, 20), (9, 20)),
        (("inline", "x", 2, "y"), (9, 25), (9, 29)),
        (("inline", "z", "w"), (9, 37), (9, 43)),
        (("table",), (11, 3), (11, 3)),
        (("table", "sub.x", "deep", 1, 1), (14, 7), (14, 7)),
        (("package",), (16, 1), (16, 1)),
        (("package", 0), (16, 1), (16, 1)),
        (("package", 0, "name"), (17, 1), (17, 8)),
        (("package", 0, "bundle_cli"), (18, 1), (18, 1)),
        (("package", 0, "bundle_cli", "bin"), (19, 1), (19, 7)),
        (("package", 0, "targets", 1, "triple"), (23, 1), (23, 10)),
        (("package", 1), (24, 1), (24, 1)),
        (("package", 1, "targets", 0, "triple"), (27, 1), (27, 10)),
        (("package", 1, "missing", "below"), (24, 1), (24, 1)),
        (("nothing",), (1, 1), (1, 1)),
        ((), (1, 1), (1, 1)),
    ],
)
def test_every_key_and_value_has_its_line_and_column(
    where: Where, key: tuple[int, int], value: tuple[int, int]
) -> None:
    tomli.loads(NASTY)
    positions = Positions.of(NASTY)
    assert (positions.key(where), positions.value(where)) == (key, value)


def test_lines_end_in_windows_fashion_too() -> None:
    positions = Positions.of("a = 1\r\n[t]\r\nb = [\r\n  2,\r\n  3]\r\n")
    assert positions.value(("t", "b", 1)) == (5, 3)


def test_a_table_named_before_its_parent_keeps_both_headers() -> None:
    positions = Positions.of("[a.b]\nx = 1\n[a]\ny = 1\n")
    assert (positions.key(("a", "b")), positions.key(("a",))) == ((1, 1), (3, 1))


def test_what_is_nested_too_deeply_points_to_what_stands_before() -> None:
    text = "a = 1\nb = " + "[" * 5000 + "]" * 5000
    assert Positions.of(text).value(("b", *[0] * 5000))[0] == 2


@pytest.mark.parametrize(
    ("text", "count", "lines"),
    [
        ("[[package]]\na = 1\n\n  [[ package ]] # x\n", 2, (1, 4)),
        ("# [[package]]\n[[package]]\r\n[[package.targets]]\n[[package]]", 2, (2, 4)),
        ('[["package"]]\n[["package"]]\n', 2, (1, 2)),
        ("package = [\n{},\n{}]", 2, (2, 3)),
        ('x = """\n[[package]]\n"""\n[[package]]\n', 1, (4,)),
        ("x = '''\n[[package]]\n'''\npackage = [{}]\n", 1, (4,)),
        ("", 0, ()),
    ],
)
def test_packages_have_lines_however_they_are_written(text: str, count: int, lines: tuple[int, ...]) -> None:
    assert len(tomli.loads(text).get("package", [])) == count
    assert array_table_lines(text, "package", count) == lines


_KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=5)
_LEAVES = st.integers(0, 99) | st.booleans() | st.text(st.characters(codec="utf-8"), max_size=12)
_TABLES = st.dictionaries(
    _KEYS,
    st.recursive(
        _LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def _places(value: object, where: Where = ()) -> Iterator[tuple[Where, object]]:
    if is_table(value):
        for key, inner in value.items():
            yield from _places(inner, (*where, key))
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from _places(inner, (*where, index))
    yield where, value


@given(_TABLES)
def test_every_place_of_a_document_is_found_and_no_other(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    parsed = tomli.loads(text)
    positions = Positions.of(text)
    places = dict(_places(parsed))
    del places[()]
    assert set(positions.values) == set(places)
    for where, value in places.items():
        rest = text[positions.values[where] :]
        if isinstance(value, bool):
            assert rest.startswith(str(value).lower())
        elif isinstance(value, int):
            assert rest.startswith(str(value))
        elif isinstance(value, str):
            assert rest.startswith(('"', "'"))
