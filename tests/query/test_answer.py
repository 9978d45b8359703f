"""What queries choose, and how mistakes in them are shown."""

from __future__ import annotations

import pytest

from piot.errors import UsageError
from piot.model.catalog import Catalog
from piot.query.answer import answer
from piot.query.values import Files
from tests.support.catalogs import catalog_of

GRAPH = catalog_of(
    {
        "//:top": ("//a:x", "//b:y"),
        "//a:x": ("//c:z",),
        "//a:x-y": (),
        "//b:y": ("//c:z",),
        "//c:z": ("//d:end",),
        "//d:end": (),
        "//d/e:alone": (),
    }
)


def asked(text: str, package: str = "") -> str:
    return " ".join(shown(GRAPH, text, package))


def shown(catalog: Catalog, text: str, package: str = "") -> list[str]:
    """Labels or files, in the order that they are printed in."""
    found = answer(text, catalog, package=package)
    if isinstance(found, Files):
        return sorted(found.paths)
    assert isinstance(found, frozenset)
    return [catalog.labels[at] for at in sorted(found)]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("//a:x", "//a:x"),
        ("'//a:x'", "//a:x"),
        ("//a", "//a:x //a:x-y"),
        ("pkg-a", "//a:x //a:x-y"),
        ("//d/...", "//d:end //d/e:alone"),
        ("//a //d:end", "//a:x //a:x-y //d:end"),
        ("//... -//a -//d/...", "//:top //b:y //c:z"),
        ("-//a:x //a:x", "//a:x"),
        ("deps(//a:x)", "//a:x //c:z //d:end"),
        ("deps //a:x", "//a:x //c:z //d:end"),
        ("deps (//a:x)", "//a:x //c:z //d:end"),
        ("deps(//a:x, 0)", "//a:x"),
        ("deps //a:x 1", "//a:x //c:z"),
        ("deps(//a:x,1)", "//a:x //c:z"),
        ("rdeps(//c:z)", "//:top //a:x //b:y //c:z"),
        ("rdeps //c:z", "//:top //a:x //b:y //c:z"),
        ("rdeps(//c:z, 1)", "//a:x //b:y //c:z"),
        ("rdeps(//b:y, //c:z)", "//b:y //c:z"),
        ("rdeps //b:y //c:z", "//b:y //c:z"),
        ("rdeps(//:top, //d:end, 1)", "//c:z //d:end"),
        ("rdeps(//a:x, //b:y)", ""),
        ("rdeps //... -//a -//:top //d:end", "//b:y //c:z //d:end"),
        ("deps(rdeps(//b:y, 1)) - //a", "//:top //b:y //c:z //d:end"),
        ("deps rdeps //b:y", "//:top //a:x //b:y //c:z //d:end"),
        ("deps //a:x - deps //c:z", "//a:x"),
        ("//a:x + //b:y - //a:x", "//b:y"),
        ("//a:x + (//b:y - //a:x)", "//a:x //b:y"),
        ("deps(//a:x) ^ deps(//b:y)", "//c:z //d:end"),
        ("//a:x-y - //a:x", "//a:x-y"),
        ("  //a:x  ", "//a:x"),
        ("(((//a:x)))", "//a:x"),
        ("//a:x - //a", ""),
        ("//a:x union //b:y except //a:x", "//b:y"),
        ("deps(//a:x) intersect deps(//b:y)", "//c:z //d:end"),
        ("set()", ""),
        ("set(//a:x //b:y)", "//a:x //b:y"),
        ("set(//a:x, deps(//b:y, 1))", "//a:x //b:y //c:z"),
        ("//a - set()", "//a:x //a:x-y"),
        ("let v = deps(//a:x) in $v ^ deps(//b:y)", "//c:z //d:end"),
        ("let v = //a:x in deps $v 1", "//a:x //c:z"),
        ("let v = //a:x in let w = deps($v) in $w - $v", "//c:z //d:end"),
        ("let v = //a:x in (let v = //b:y in $v) + $v", "//a:x //b:y"),
        ("let v = deps //c:z in $v", "//c:z //d:end"),
        ("deps(let v = //c:z in $v)", "//c:z //d:end"),
    ],
)
def test_a_query_chooses_targets(text: str, labels: str) -> None:
    assert asked(text) == labels


def test_short_labels_are_relative_to_a_folder() -> None:
    assert asked("deps(:x, 1)", "a") == "//a:x //c:z"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", "the query is empty\n\nhint: //... are all targets; see: piot help query"),
        ("deps(//a:x", 'the query ends where ")" is expected\n    deps(//a:x\n              ^'),
        (
            "deps(//a:x,",
            "the query ends where a pattern or a function is expected\n    deps(//a:x,\n               ^",
        ),
        ("//a:x +", "the query ends where a pattern or a function is expected\n    //a:x +\n           ^"),
        ("+ //a:x", 'a pattern or a function is expected before "+"\n    + //a:x\n    ^'),
        ("(//a:x", 'the query ends where ")" is expected\n    (//a:x\n          ^'),
        ("(//a:x,", '")" is expected before ","\n    (//a:x,\n          ^'),
        ("//a:x)", '")" has no "(" before it\n    //a:x)\n         ^'),
        (
            "(//a:x) //b:y",
            'an operator is expected before "//b:y"\n    (//a:x) //b:y\n            ^\n\n'
            'hint: join two queries with " + " (both), " - " (without) or " ^ " (common)',
        ),
        ("//a:x 'b", "' is not closed\n    //a:x 'b\n          ^"),
        ("deps", "deps is given no arguments\n    deps\n    ^\n\nhint: it is written deps(x[, depth])"),
        (
            "//a + deps(//a, 1, 2)",
            "deps is given 3 arguments\n    //a + deps(//a, 1, 2)\n          ^\n\n"
            "hint: it is written deps(x[, depth])",
        ),
        ("deps(//a, b)", "a whole number is expected\n    deps(//a, b)\n              ^"),
        ("deps(//a, -1)", "a whole number is expected\n    deps(//a, -1)\n              ^"),
        (
            "rdeps(//a, //b, deps(//a))",
            "a whole number is expected\n    rdeps(//a, //b, deps(//a))\n                    ^",
        ),
        (
            "//a + rdep(//a:x)",
            'unknown function "rdep"\n    //a + rdep(//a:x)\n          ^\n\nhint: did you mean "rdeps"?',
        ),
        (
            "quux(//a, //b)",
            'unknown function "quux"\n    quux(//a, //b)\n    ^\n\nhint: there are affected, allpaths, attr, '
            "buildfiles, deps, filter, inputs, kind, outputs, owner, rdeps, set, somepath and why",
        ),
        (
            "deps pkgs-a",
            'no package, function or file is called "pkgs-a"\n    deps pkgs-a\n         ^\n\n'
            'hint: did you mean "pkg-a"?',
        ),
        (
            "//a:x + //a:b:c",
            'the folder "a:b" in "//a:b:c" has :\n    //a:x + //a:b:c\n            ^\n\n'
            "hint: allowed are letters, digits and _ . - + ~ @ /",
        ),
        (
            "deps(//a:z)",
            "no target matches //a:z\n    deps(//a:z)\n         ^\n\nhint: //a has :x and :x-y",
        ),
        (
            "//a + //c:y",
            "no target matches //c:y\n    //a + //c:y\n          ^\n\nhint: //c has :z",
        ),
        (
            "//a +\n//c:y",
            "no target matches //c:y\n    //a + //c:y\n          ^\n\nhint: //c has :z",
        ),
        (
            "//dd/...",
            'no target matches //dd/...\n    //dd/...\n    ^\n\nhint: did you mean "//d"?',
        ),
        (
            "deps d",
            'no package, function or file is called "d"\n    deps d\n         ^\n\n'
            "hint: the targets of that folder are //d, with those below it //d/...",
        ),
        ("let x = //a", 'the query ends where "in" is expected\n    let x = //a\n               ^'),
        (
            "let x-y = //a in $x-y",
            '"x-y" cannot name a variable\n    let x-y = //a in $x-y\n        ^\n\n'
            "hint: letters, digits and _ can",
        ),
        (
            "let one = //a in $once",
            "nothing is called $once here\n    let one = //a in $once\n                     ^\n\n"
            'hint: did you mean "$one"?',
        ),
        (
            "(let x = //a in $x) + $x",
            "nothing is called $x here\n    (let x = //a in $x) + $x\n                          ^\n\n"
            "hint: write let x = … in …",
        ),
        (
            "(" * 101 + "//a",
            "the query is nested too deeply\n    " + "(" * 101 + "//a\n    " + " " * 100 + "^",
        ),
    ],
)
def test_a_mistake_is_shown_at_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(text)
    assert str(caught.value) == message


def test_a_long_chain_and_a_deep_graph_are_no_deeper_than_short_ones() -> None:
    chain = catalog_of({f"//:n{at}": (f"//:n{at + 1}",) if at < 4999 else () for at in range(5000)})
    assert len(shown(chain, "deps //:n0")) == 5000
    assert len(shown(chain, " + ".join(f"//:n{at}" for at in range(5000)))) == 5000
