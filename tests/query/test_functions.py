"""Functions over kinds, attributes and files."""

from __future__ import annotations

import pytest

from piot.errors import UsageError
from piot.model.catalog import Data
from piot.query.answer import answer
from piot.query.values import Files, texts
from tests.support.catalogs import catalog_of

CATALOG = catalog_of(
    {
        "//:docs": ("//a:x",),
        "//a:wheel": ("//c:x",),
        "//a:x": ("//c:x",),
        "//b:publish": ("//a:x",),
        "//c:x": (),
    },
    {
        "//:docs": (
            "command",
            {"outputs": ["docs.txt", "docs/"], "env": {"LANG": "C", "K": "v"}},
            ("a/x.rs", "d.md"),
        ),
        "//a:wheel": (
            "maturin_wheel",
            {"abi": True, "tools": ["protoc", "cc"]},
            ("a/x.rs", "a/pyproject.toml"),
        ),
        "//a:x": ("rust_crate", {"abi": False, "crate": "x (old)"}, ("a/x.rs",)),
        "//b:publish": ("pypi_publish", {}, ()),
        "//c:x": ("rust_crate", {"tools": {"select": {"linux": ["protoc"], "default": []}}}, ("c/x.rs",)),
    },
)


def asked(text: str, package: str = "") -> str:
    found = answer(text, CATALOG, package=package)
    if isinstance(found, Files):
        return " ".join(sorted(found.paths))
    assert isinstance(found, frozenset)
    return " ".join(CATALOG.labels[number] for number in sorted(found))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("kind(rust)", "//a:x //c:x"),
        ("kind rust //a", "//a:x"),
        ("kind('^(command|maturin_.*)$', //...)", "//:docs //a:wheel"),
        ("kind(publish)", ""),
        ("kind(publish, //b:publish)", "//b:publish"),
        ("rdeps(//c:x)", "//:docs //a:wheel //a:x //c:x"),
        ("rdeps(//b:publish, //c:x)", "//a:x //b:publish //c:x"),
        ("rdeps(//b:publish)", "//b:publish"),
        ("rdeps(//... + //b:publish, //a:x)", "//:docs //a:x //b:publish"),
        ("deps(//b:publish)", "//a:x //b:publish //c:x"),
        ("filter(:x$)", "//a:x //c:x"),
        ("filter :x deps(//a:wheel)", "//c:x"),
        ("filter('\\.rs$', inputs(//...))", "a/x.rs c/x.rs"),
        ("attr(tools, protoc, //...)", "//a:wheel //c:x"),
        ("attr(tools, ^cc$)", "//a:wheel"),
        ("attr(abi, true)", "//a:wheel"),
        ("attr(abi, '^false$')", "//a:x"),
        ('attr(crate, "x \\(old\\)", //a)', "//a:x"),
        ("attr(env, '^LANG=C$')", "//:docs"),
        ("attr(env, X, //a)", ""),
        ("attr(outputs, docs)", "//:docs"),
        ("attr 'outputs' docs", "//:docs"),
        ("inputs(//a)", "a/pyproject.toml a/x.rs"),
        ("inputs(//a:wheel) - inputs(//a:x)", "a/pyproject.toml"),
        ("inputs(//a:wheel) ^ inputs(//:docs)", "a/x.rs"),
        ("inputs(//c:x) + buildfiles(//c:x)", "c/BUILD c/x.rs"),
        ("let f = inputs(//a:x) in owner($f)", "//:docs //a:wheel //a:x"),
        ("outputs(//...)", "docs.txt docs/"),
        ("outputs(//a)", ""),
        ("buildfiles(deps(//:docs))", "BUILD a/BUILD c/BUILD"),
        ("owner(a/x.rs)", "//:docs //a:wheel //a:x"),
        ("owner(c/x.rs d.md)", "//:docs //c:x"),
        ("owner unused.txt", ""),
        ("owner(inputs(//c:x))", "//c:x"),
        ("d.md", "//:docs"),
        ("deps d.md 1", "//:docs //a:x"),
        ("./d.md", "//:docs"),
        ("//c/x.rs", "//c:x"),
        ("//c/x.rs + c/x.rs - //c", ""),
        ("unused.txt", ""),
        ("rdeps(inputs(//c:x), 1)", "//a:wheel //a:x //c:x"),
    ],
)
def test_a_function_chooses(text: str, found: str) -> None:
    assert asked(text) == found


def test_paths_are_relative_to_a_folder() -> None:
    assert asked("owner(pyproject.toml)", "a") == "//a:wheel"
    assert asked("../d.md", "a") == "//:docs"
    assert asked("x.rs", "c") == "//c:x"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "owner(a/y.rs)",
            'no file a/y.rs\n    owner(a/y.rs)\n          ^\n\nhint: did you mean "a/x.rs"?',
        ),
        (
            "owner(../../nowhere)",
            "no file ../../nowhere\n    owner(../../nowhere)\n          ^\n\n"
            "hint: paths are relative to the current folder; files that git ignores do not count",
        ),
        (
            "owner(deps(//a))",
            "files are expected, and this gives targets\n    owner(deps(//a))\n          ^\n\n"
            "hint: inputs(x) gives the files that x is made of",
        ),
        (
            "inputs(//a) + //a:x",
            "files and targets cannot be joined\n    inputs(//a) + //a:x\n                  ^\n\n"
            "hint: owner(…) gives the targets that files belong to, inputs(…) the files of targets",
        ),
        (
            "deps(a/x.r)",
            'no package, function or file is called "a/x.r"\n    deps(a/x.r)\n         ^\n\n'
            'hint: did you mean "a/x.rs"?',
        ),
        (
            "kind('(', //...)",
            "not a regular expression: missing ), unterminated subpattern\n"
            "    kind('(', //...)\n         ^\n\n"
            "hint: write \\ before a character that means itself",
        ),
        (
            "kind(a b, //...)",
            "one word is expected\n    kind(a b, //...)\n         ^\n\n"
            "hint: put quotes around text with spaces, brackets or commas, or that begins with $",
        ),
        (
            "attr(tool, x)",
            'no target has an attribute "tool"\n    attr(tool, x)\n         ^\n\nhint: did you mean "tools"?',
        ),
        (
            "attr(tools)",
            "attr is given 1 argument\n    attr(tools)\n    ^\n\nhint: it is written attr(name, regex[, x])",
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a", ["a"]),
        (3, ["3"]),
        (True, ["true"]),
        (["a", "b"], ["a", "b"]),
        ({"select": "x", "always": "y"}, ["select=x", "always=y"]),
        ({"select": {"linux": ["a"], "default": {"k": "v"}}}, ["a", "k=v"]),
        ({"always": ["a"], "select": {"linux": ["b"]}}, ["a", "b"]),
    ],
)
def test_texts_of_an_attribute(data: Data, expected: list[str]) -> None:
    assert list(texts(data)) == expected
