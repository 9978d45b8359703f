"""``piot query`` from the command line: labels out, one a line; errors with a caret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Piot = Callable[..., tuple[int, str, str]]

ALL = "//:docs\n//:hello\n//core:crate\n//py:sdist\n//py:wheel\n"


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (("//...",), ALL),
        (("rdeps //core:crate",), "//:docs\n//core:crate\n//py:sdist\n//py:wheel\n"),
        (("rdeps", "//core:crate", "-", "//core:crate"), "//:docs\n//py:sdist\n//py:wheel\n"),
        (("deps(:docs, 1)", "^", "my-py + core"), "//core:crate\n"),
        (("//...", "-//py/..."), "//:docs\n//:hello\n//core:crate\n"),
        (("//py - my-py",), ""),
    ],
)
def test_labels_are_printed_one_a_line(
    checkout: Path, piot: Piot, words: tuple[str, ...], labels: str
) -> None:
    assert checkout.is_dir()
    assert piot("query", *words) == (0, labels, "")


def test_short_labels_are_relative_to_where_one_stands(checkout: Path, piot: Piot) -> None:
    assert piot("-C", str(checkout / "py"), "query", ":wheel") == (0, "//py:wheel\n", "")


def test_json_tells_kind_dependencies_and_place(checkout: Path, piot: Piot) -> None:
    assert checkout.is_dir()
    code, out, err = piot("query", "--json", "py:wheel + :hello")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "schema": 1,
        "targets": [
            {"label": "//:hello", "kind": "greet", "deps": [], "location": "BUILD:3"},
            {
                "label": "//py:wheel",
                "kind": "maturin_wheel",
                "package": "my-py",
                "deps": ["//core:crate"],
                "location": "putitoutthere.toml:10",
            },
        ],
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("dep(//...)",),
            2,
            'error: unknown function "dep"\n    dep(//...)\n    ^\n\nhint: did you mean "deps"?\n',
        ),
        (
            ("deps", "//core:crat"),
            2,
            'error: no target matches //core:crat\n\nhint: did you mean "//core:crate"?\n',
        ),
        (
            (),
            2,
            "error: nothing is given to query: piot query EXPR…\n\nhint: see: piot help query\n",
        ),
    ],
)
def test_errors_say_what_and_where(
    checkout: Path, piot: Piot, words: tuple[str, ...], code: int, said: str
) -> None:
    assert checkout.is_dir()
    assert piot("query", *words) == (code, "", said)


def test_outside_of_a_checkout_there_is_no_graph(outside: Path, piot: Piot) -> None:
    assert piot("query", "//...") == (
        3,
        "",
        f"error: no putitoutthere.toml in {outside} or in any folder above it\n\n"
        "hint: name the repository with -C DIR, or write the file with `piot init`\n",
    )
