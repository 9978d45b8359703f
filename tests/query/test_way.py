"""``why(x, y)``: each step with its reason, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import validate

from piot.errors import UsageError
from piot.query.answer import answer
from piot.query.way import Way
from piot.query.way_formats import shown_way
from tests.support.catalogs import catalog_of

SCHEMA = Path(__file__).parents[2] / "docs/reference/schemas/query.schema.json"

CATALOG = catalog_of(
    {
        "//:docs": ("//core:crate", "//py:wheel"),
        "//core:crate": (),
        "//js:package": ("//core:crate",),
        "//py:wheel": ("//py:cli",),
        "//py:cli": ("//core:crate",),
        "//:alone": (),
    },
    {
        "//:docs": (
            "command",
            {"deps": ["//py:wheel"], "tools": {"select": {"linux": ["//core:crate"]}}},
            (),
        ),
        "//core:crate": ("rust_crate", {"srcs": ["core/**"]}, ("core/lib.rs",)),
        "//js:package": ("npm_package", {"depends_on": ["//core:crate"]}, ()),
        "//py:wheel": (
            "maturin_wheel",
            {"programs": ["//py:cli"], "depends_on": ["//py:cli"], "srcs": ["py/**"]},
            ("py/lib.rs", "core/lib.rs"),
        ),
        "//py:cli": ("rust_binary", {"crates": ["//core:crate"]}, ()),
    },
)


def found(text: str) -> Way:
    way = answer(text, CATALOG)
    assert isinstance(way, Way)
    return way


def shown(text: str, output: str = "label") -> str:
    return shown_way(CATALOG, found(text), output)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("why(//:docs, //core:crate)", "//:docs uses //core:crate (tools at /BUILD:1)\n"),
        (
            "why //py:wheel //core:crate",
            "//py:wheel uses //py:cli (programs at py/BUILD:1)\n"
            "//py:cli uses //core:crate (crates at py/BUILD:1)\n",
        ),
        (
            "why(//js:package, //core:crate)",
            "//js:package is released after //core:crate (depends_on at js/BUILD:1)\n",
        ),
        ("why(//core:crate, core/lib.rs)", "//core:crate is made of core/lib.rs (srcs at core/BUILD:1)\n"),
        (
            "why(//py:wheel, core/lib.rs)",
            "//py:wheel is made of core/lib.rs (cargo reads it, for a crate that is compiled)\n",
        ),
        (
            "why(//:docs, py/lib.rs)",
            "//:docs uses //py:wheel (deps at /BUILD:1)\n"
            "//py:wheel is made of py/lib.rs (srcs at py/BUILD:1)\n",
        ),
        ("why(//py:wheel, py/BUILD)", "//py:wheel is defined in py/BUILD (py/BUILD:1)\n"),
        ("why(//py:wheel, //py:wheel)", "//py:wheel\n"),
        ("why(//:alone, //core:crate)", ""),
        ("why(//core:crate, //:docs)", ""),
        ("why(//:docs, unused.txt)", ""),
    ],
)
def test_each_step_has_its_reason(text: str, lines: str) -> None:
    assert shown(text) == lines


def test_other_formats_have_it_too() -> None:
    text = "why(//:docs, py/lib.rs)"
    assert shown(text, "label_kind") == (
        "command //:docs uses maturin_wheel //py:wheel (deps at /BUILD:1)\n"
        "maturin_wheel //py:wheel is made of py/lib.rs (srcs at py/BUILD:1)\n"
    )
    assert shown(text, "tree") == (
        "//:docs\n  //py:wheel (deps at /BUILD:1)\n    py/lib.rs (srcs at py/BUILD:1)\n"
    )
    assert shown(text, "dot") == (
        'digraph piot {\n  node [shape=box];\n  "//:docs";\n  "//py:wheel";\n  "py/lib.rs";\n'
        '  "//:docs" -> "//py:wheel" [label="deps at /BUILD:1"];\n'
        '  "//py:wheel" -> "py/lib.rs" [label="srcs at py/BUILD:1"];\n}\n'
    )
    assert shown(text, "mermaid") == (
        'flowchart LR\n  n0["//:docs"]\n  n1["//py:wheel"]\n  n2["py/lib.rs"]\n'
        '  n0 -->|"deps at /BUILD:1"| n1\n  n1 -->|"srcs at py/BUILD:1"| n2\n'
    )


def test_json_fits_its_schema() -> None:
    whole = json.loads(shown("why(//:docs, py/lib.rs)", "json"))
    validate(whole, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert whole == {
        "schema": 1,
        "why": [
            {"label": "//:docs", "kind": "uses", "to": "//py:wheel", "reason": "deps at /BUILD:1"},
            {"label": "//py:wheel", "kind": "made of", "file": "py/lib.rs", "reason": "srcs at py/BUILD:1"},
        ],
    }
    lines = shown("why(//:docs, py/lib.rs)", "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == whole["why"]


def test_inside_a_query_it_is_the_targets_on_the_way() -> None:
    targets = answer("kind(wheel, why(//:docs, py/lib.rs)) + why(//py:cli, //core:crate)", CATALOG)
    assert isinstance(targets, frozenset)
    assert [CATALOG.labels[number] for number in sorted(targets)] == [
        "//core:crate",
        "//py:cli",
        "//py:wheel",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "why(//:docs)",
            "why is given 1 argument\n    why(//:docs)\n    ^\n\nhint: it is written why(x, y)",
        ),
        (
            "why(//:docs, //cor:crate)",
            "no target matches //cor:crate\n    why(//:docs, //cor:crate)\n                 ^\n\n"
            'hint: did you mean "//core:crate"?',
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        answer(text, CATALOG)
    assert str(error.value) == message
