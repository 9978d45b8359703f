"""The version of a package.json changes and nothing else."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.npm.package_json import place, with_package_version, with_texts


@pytest.mark.parametrize(
    "text",
    [
        '{"version":"0.0.0"}',
        '{\n\t"name": "a",\n\t"version" : "0.0.0",\n\t"files": ["a", "b"]\n}\n',
        '{\r\n "engines": {"version": "1"},\r\n "x": "\\"version\\": \\"2\\"",\r\n "version": "0.0.0"\r\n}',
        '{ "a": 1e3, "b": [{"version": "3"}], "version": "0.0.0", "c": {} }\n\n',
    ],
)
def test_only_the_version_changes(text: str) -> None:
    assert with_package_version(text, "p.json", "1.3.0-rc.1") == text.replace("0.0.0", "1.3.0-rc.1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", 'p.json: there is no version to replace\n\nhint: add "version": "0.0.0"'),
        ("[]", "p.json: invalid JSON: an object is wanted"),
        ('{"a": }', "p.json: invalid JSON: Expecting value: line 1 column 7 (char 6)"),
    ],
)
def test_a_file_without_a_version_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as wrong:
        with_package_version(text, "p.json", "1.0.0")
    assert str(wrong.value) == message


LOCK = """{
  "version": "1.0.0", "packages": {
    "": { "version": "1.0.0" },
    "a/b": {"dependencies": { "x": "^1.0.0" , "y":"^1.0.0"}, "z": [{"x": 1}]}
  }
}
"""


def test_texts_change_where_they_are_and_are_made_nowhere() -> None:
    edits = {
        ("version",): "2.0.0",
        ("packages", "", "version"): "3.0.0",
        ("packages", "a/b", "dependencies", "y"): "^4.0.0",
        ("packages", "a/b", "version"): "5.0.0",
        ("packages", "a/b", "z", "x"): "6.0.0",
        ("none", "version"): "7.0.0",
    }
    expected = LOCK.replace('"version": "1.0.0", "p', '"version": "2.0.0", "p')
    expected = expected.replace('{ "version": "1.0.0" }', '{ "version": "3.0.0" }')
    assert with_texts(LOCK, "l", edits) == expected.replace('"y":"^1.0.0"', '"y":"^4.0.0"')


def test_of_a_key_that_stands_twice_the_last_one_changes() -> None:
    assert with_texts('{"a": "1", "a": "2"}', "l", {("a",): "3"}) == '{"a": "1", "a": "3"}'


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("name",), (2, 11)),
        (("bin", "b"), (3, 27)),
        (("bin", "none"), (3, 10)),
        (("none", "b"), (1, 1)),
        ((), (1, 1)),
        (("list", "0"), (4, 11)),
    ],
)
def test_places_are_those_of_values(where: tuple[str, ...], expected: tuple[int, int]) -> None:
    text = '{\n  "name": "é",\n  "bin": { "a": "x", "b": "y" },\n  "list": ["z"]\n}\n'
    assert place(text, where) == expected
