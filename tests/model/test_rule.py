"""Values of attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.rule import Sources, StringMap, Triples


@given(st.dictionaries(st.text(), st.text()))
def test_a_string_map_is_a_mapping_whatever_the_order(entries: dict[str, str]) -> None:
    made = StringMap.of(entries)
    assert dict(made) == entries
    assert made == StringMap.of(dict(reversed(entries.items())))
    assert hash(made) == hash(StringMap.of(entries))


def test_a_string_map_does_not_have_what_it_was_not_given() -> None:
    with pytest.raises(KeyError):
        StringMap.of({"a": "1"})["b"]


def test_empty_collections_are_false() -> None:
    assert not Sources()
    assert Sources(globs=("**",))
    assert not Triples()
    assert list(Triples(("a", "b"))) == ["a", "b"]
