"""Texts are read once, and what cannot be parsed is empty."""

from __future__ import annotations

from piot.errors import InputError
from piot.inspect.documents import Documents

TEXTS = {
    "a.toml": 'x = 1\n[t]\nlist = ["a",\n  "b"]\n',
    "p/package.json": '{\n  "name": "x",\n  "bin": { "y": "z" }\n}\n',
    "bad.toml": "x",
    "bad.json": "[1]",
}


def documents() -> tuple[Documents, list[str]]:
    asked: list[str] = []

    def read(path: str) -> str | None:
        asked.append(path)
        if path == "binary":
            raise InputError("binary is not UTF-8 text")
        return TEXTS.get(path)

    return Documents(read), asked


def test_a_file_is_read_once_whatever_is_asked_of_it() -> None:
    made, asked = documents()
    assert (made.table("a.toml")["x"], made.text("a.toml"), made.text("none")) == (1, TEXTS["a.toml"], None)
    assert made.position("a.toml", ("t", "list", 1)) == (4, 3)
    assert (made.text("none"), made.table("none")) == (None, {})
    assert asked == ["a.toml", "none"]


def test_what_is_wrong_is_empty() -> None:
    made, _ = documents()
    assert [made.table(path) for path in ("bad.toml", "bad.json", "binary")] == [{}, {}, {}]
    assert made.position("bad.toml", ("x",)) == (0, 0)


def test_places_are_those_of_values_or_of_the_nearest_thing_around() -> None:
    made, _ = documents()
    places = [
        made.position("a.toml", ("t", "list"), at_key=True),
        made.position("a.toml", ("t", "gone", 3)),
        made.position("a.toml", ()),
        made.position("p/package.json", ("bin", "y")),
        made.position("p/package.json", ("bin", "gone")),
        made.position("p/package.json", ("gone",)),
    ]
    assert places == [(3, 1), (2, 1), (0, 0), (3, 17), (3, 10), (1, 1)]
