"""YAML is read as text: nothing becomes a number, a date or a truth."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.model.tables import as_table
from piot.model.yaml_text import listed, parse_yaml, texts


def test_scalars_stay_as_they_are_written() -> None:
    found = parse_yaml("a: 1.10\nb: no\nc: 2020-01-01\nd: '^1'\ne: [x, {y: z}]\n", "f.yaml")
    assert found == {"a": "1.10", "b": "no", "c": "2020-01-01", "d": "^1", "e": ["x", {"y": "z"}]}
    assert texts(found) == {"a": "1.10", "b": "no", "c": "2020-01-01", "d": "^1"}
    assert listed(found["e"]) == ("x",) and listed("one") == ("one",) and listed(None) == ()
    assert as_table(found["e"]) == {}


@pytest.mark.parametrize("text", ["", "- a\n", "# nothing\n"])
def test_what_is_no_table_is_an_empty_one(text: str) -> None:
    assert parse_yaml(text, "f.yaml") == {}


def test_of_several_documents_the_last_counts() -> None:
    assert parse_yaml("a: 1\n---\nb: 2\n", "f.yaml") == {"b": "2"}


def test_what_is_no_yaml_says_where() -> None:
    with pytest.raises(Problems) as caught:
        parse_yaml("a:\n  - b\n c: d\n", "f.yaml")
    (problem,) = caught.value.problems
    assert (problem.path, problem.line, problem.column, problem.code) == ("f.yaml", 3, 2, "PIOT_YAML")
    with pytest.raises(Problems):
        parse_yaml("a: \x00", "f.yaml")
