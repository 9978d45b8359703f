"""What queries choose, and how mistakes in them are shown."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import UsageError
from piot.model.label import Label
from piot.model.rule import RuleSchema
from piot.model.target import Target, TargetGraph
from piot.query.answer import answer

SCHEMA = RuleSchema(name="any", attrs=(), location="@piot//rules:any.py:1")


def graph_of(edges: Mapping[str, tuple[str, ...]]) -> TargetGraph:
    """From labels to the labels that each depends on; targets below ``//a`` are of the package ``pkg-a``."""
    return TargetGraph.of(
        (
            Target(
                label=Label.parse(name),
                rule="any",
                attrs=(("deps", tuple(map(Label.parse, deps))),) if deps else (),
                package="pkg-a" if name.startswith("//a:") else None,
            )
            for name, deps in edges.items()
        ),
        {"any": SCHEMA},
    )


GRAPH = graph_of(
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
    return " ".join(str(target.label) for target in answer(text, GRAPH, package=package))


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
            "somepath(//a, //b)",
            'unknown function "somepath"\n    somepath(//a, //b)\n    ^\n\nhint: there are deps and rdeps',
        ),
        (
            "deps pkgs-a",
            'no package with targets and no function is called "pkgs-a"\n    deps pkgs-a\n         ^\n\n'
            'hint: did you mean "pkg-a"?',
        ),
        (
            "//a:x + //a:b:c",
            'the folder "a:b" in "//a:b:c" has :\n    //a:x + //a:b:c\n            ^\n\n'
            "hint: allowed are letters, digits and _ . - + ~ @ /",
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("deps(//a:z)", 'no target matches //a:z\n\nhint: did you mean "//a:x"?'),
        ("//a + //c:y", 'no target matches //c:y\n\nhint: did you mean "//c:z"?'),
    ],
)
def test_an_unknown_target_is_told_with_a_near_one(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        asked(text)
    assert str(caught.value) == message


def test_a_long_chain_and_a_deep_graph_are_no_deeper_than_short_ones() -> None:
    chain = graph_of({f"//:n{at}": (f"//:n{at + 1}",) if at < 4999 else () for at in range(5000)})
    assert len(answer("deps //:n0", chain)) == 5000
    assert len(answer(" + ".join(f"//:n{at}" for at in range(5000)), chain)) == 5000


@st.composite
def graphs(draw: st.DrawFn) -> TargetGraph:
    count = draw(st.integers(1, 8))
    chosen = {
        at: draw(st.sets(st.integers(at + 1, count - 1))) if at < count - 1 else set[int]()
        for at in range(count)
    }
    return graph_of({f"//:n{at}": tuple(f"//:n{dep}" for dep in deps) for at, deps in chosen.items()})


@given(graphs(), st.data())
def test_reverse_dependencies_are_those_whose_dependencies_have_it(
    graph: TargetGraph, data: st.DataObject
) -> None:
    labels = [str(target.label) for target in graph.targets]
    one, other = data.draw(st.sampled_from(labels)), data.draw(st.sampled_from(labels))
    forward = Label.parse(other) in {target.label for target in answer(f"deps({one})", graph)}
    assert forward == (Label.parse(one) in {target.label for target in answer(f"rdeps({other})", graph)})


@given(graphs(), st.data())
def test_a_depth_is_that_many_steps(graph: TargetGraph, data: st.DataObject) -> None:
    label = str(data.draw(st.sampled_from(graph.targets)).label)
    depth = data.draw(st.integers(0, 9))
    stepped = f"deps({label}, 0)"
    for _ in range(depth):
        stepped = f"deps({stepped}, 1)"
    assert answer(f"deps({label}, {depth})", graph) == answer(stepped, graph)
