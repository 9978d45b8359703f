"""Edits of TOML touch nothing but the values they replace; what is written reads back."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import Problems
from piot.model.toml_text import Where, dump_toml, read_toml, with_strings, with_values

MANIFEST = """\
# [package] version = "9"
[ package ] # spaces
name = 'x'
description = \"\"\"
version = "7"
\"\"\"
keywords = [
  "a", # ]
  "[package]",
]
version = '0.1.0'   # keep

[dependencies]
serde = "1"
core = { path = "../core", version = "0.1.0", features = ["x}"] }
[dependencies."quoted.name"]
version="0.2.0"
[package.metadata]
version = "5"
[[bin]]
name = "one"
[[bin]]
name = "two"
version = 1979-05-27 07:32:00 # a date
"""


def test_only_the_named_values_change() -> None:
    edits: dict[Where, str] = {
        ("package", "version"): "1.0.0",
        ("dependencies", "core", "version"): "2.0.0",
        ("dependencies", "quoted.name", "version"): "3.0.0",
        ("bin", 1, "name"): "three",
    }
    expected = (
        MANIFEST.replace("'0.1.0'   # keep", "'1.0.0'   # keep")
        .replace('core", version = "0.1.0"', 'core", version = "2.0.0"')
        .replace('"0.2.0"', '"3.0.0"')
        .replace('"two"', '"three"')
    )
    assert with_strings(MANIFEST, edits) == expected


def test_windows_line_ends_stay() -> None:
    text = MANIFEST.replace("\n", "\r\n")
    edited = with_strings(text, {("package", "version"): "1.0.0"})
    assert edited == text.replace("'0.1.0'", "'1.0.0'")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('package.version = "0"', ("package", "version")),
        ('package = { name = "a", version = "0" }', ("package", "version")),
        ('[package]\nname = "a"\n[dependencies]\n[package.x]\nversion = "0"', ("package", "x", "version")),
        ('"pack\\u0061ge" . version = "0" # end', ("package", "version")),
        ('a = [[1, 2], ["x", "0"]]', ("a", 1, 1)),
    ],
)
def test_a_value_is_found_however_its_table_is_written(text: str, where: tuple[str | int, ...]) -> None:
    assert with_strings(text, {where: "1"}) == text.replace('"0"', '"1"')


def test_a_date_with_a_space_is_one_value() -> None:
    assert with_values("a = 1979-05-27 07:32:00 # c\nb = 1\r\n", {("a",): "2", ("b",): "3"}) == (
        "a = 2 # c\nb = 3\r\n"
    )


def test_text_that_is_no_toml_is_a_problem_with_a_place() -> None:
    with pytest.raises(Problems) as wrong:
        read_toml('[package]\nname = "x\n', "crates/a/Cargo.toml")
    assert str(wrong.value) == (
        "crates/a/Cargo.toml:2:10: PIOT_TOML: invalid TOML: Illegal character '\\n'\n"
        "    hint: look at this place and right before it"
    )


KEYS = st.text(max_size=5)
SCALARS = st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8) | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_is_written_reads_back(document: dict[str, object]) -> None:
    assert tomli.loads(dump_toml(document)) == document


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_the_order_of_keys_does_not_show(document: dict[str, object]) -> None:
    assert dump_toml(dict(reversed(document.items()))) == dump_toml(document)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, SCALARS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_every_place_can_be_edited(document: dict[str, dict[str, object]]) -> None:
    text = dump_toml(document)
    edits: dict[Where, str] = {(table, key): "'new'" for table, inner in document.items() for key in inner}
    assert tomli.loads(with_values(text, edits)) == {
        table: dict.fromkeys(inner, "new") for table, inner in document.items()
    }
