"""The target graph: edges both ways, closures, cycles as paths, patterns."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError, UsageError
from piot.model.label import Label, Pattern
from piot.model.rule import Attr, AttrType, RuleSchema
from piot.model.select import Select
from piot.model.target import Target, TargetGraph

RULE = RuleSchema(
    name="thing",
    attrs=(Attr(name="deps", type=AttrType.LABELS), Attr(name="size", type=AttrType.INT, default=3)),
    location="@piot//rules:thing.py:1",
)


def target(text: str, *deps: str, rule: str = "thing", package: str | None = None) -> Target:
    labels = tuple(Label.parse(dep) for dep in deps)
    return Target(label=Label.parse(text), rule=rule, attrs=(("deps", labels),), package=package)


def graph(**edges: list[str]) -> TargetGraph:
    targets = (target(f"//:{name}", *(f"//:{dep}" for dep in deps)) for name, deps in edges.items())
    return TargetGraph.of(targets, {"thing": RULE})


def shown(labels: tuple[Label, ...] | None) -> str:
    return " ".join(label.name for label in labels or ())


def test_dependencies_are_walked_both_ways() -> None:
    found = graph(d=[], a=["b", "c"], b=["d"], c=["d"], e=["c"])
    assert [str(each.label) for each in found.targets] == ["//:a", "//:b", "//:c", "//:d", "//:e"]
    labels = [target.label for target in found.targets]
    edges = {
        label.name: (found.forward[number], found.backward[number]) for number, label in enumerate(labels)
    }
    assert [shown(tuple(labels[each] for each in way)) for way in edges["c"]] == ["d", "a e"]
    assert shown(found.closure([Label("", "a")])) == "a b c d"
    assert shown(found.closure([Label("", "b"), Label("", "e")])) == "b c d e"


def test_labels_in_every_branch_of_a_select_are_dependencies() -> None:
    value = Select(branches=(("linux", (Label("", "y"),)), ("default", Label("", "x"))))
    assert shown(Target(label=Label("", "a"), rule="thing", attrs=(("deps", value),)).deps) == "x y"


def test_where_a_target_was_written_does_not_change_what_it_is() -> None:
    one, other = (Target(label=Label("", "a"), rule="thing", location=place) for place in ("f:1", "f:2"))
    assert one == other


def test_an_attribute_that_is_not_given_has_its_default() -> None:
    found = graph(a=["b"], b=[])
    assert found.value(Label("", "a"), "deps") == (Label("", "b"),)
    assert found.value(Label("", "a"), "size") == 3
    assert found.value(Label("", "a"), "nothing") is None


def test_a_cycle_is_a_path_that_ends_where_it_began() -> None:
    assert shown(graph(x=["a"], a=["b", "e"], b=["c"], c=["d", "a"], d=[], e=[]).cycle()) == "a b c a"
    assert shown(graph(a=["a"]).cycle()) == "a a"
    assert graph(a=["b", "c"], b=["c"], c=[]).cycle() is None


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24))
def test_a_cycle_is_found_exactly_when_something_reaches_itself(edges: list[tuple[int, int]]) -> None:
    deps = {str(node): [str(to) for start, to in edges if start == node] for node in range(8)}
    found = graph(**deps)
    reaches_itself = any(
        each in found.closure(found[each].deps) for each in (target.label for target in found.targets)
    )
    path = found.cycle()
    assert (path is not None) == reaches_itself
    if path:
        assert path[0] == path[-1]
        assert all(after in found[before].deps for before, after in pairwise(path))


def test_ten_thousand_targets_need_no_recursion() -> None:
    chance = random.Random(1)
    names = [f"//p{number % 1000}:t{number}" for number in range(10_000)]
    targets = [
        target(name, *(names[chance.randrange(number)] for _ in range(5))) if number else target(name)
        for number, name in enumerate(names)
    ]
    found = TargetGraph.of(targets, {"thing": RULE})
    assert found.cycle() is None
    assert len(found.closure(map(Label.parse, names[-100:]))) > 5_000


def test_a_chain_may_be_long() -> None:
    chain = TargetGraph.of(
        (target(f"//:t{number}", f"//:t{number + 1}") for number in range(5_000)), {"thing": RULE}
    )
    assert chain.cycle() is None
    assert len(chain.closure([Label("", "t0")])) == 5_000


TARGETS = [
    target("//a:wheel", package="py"),
    target("//a:publish", rule="publish", package="py"),
    target("//a/b:x"),
    target("//:crate", package="rs"),
]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["//..."], "//:crate //a:wheel //a/b:x"),
        (["//a:all"], "//a:wheel"),
        (["//a:publish"], "//a:publish"),
        (["py"], "//a:wheel"),
        (["//...", "-//a/..."], "//:crate"),
        (["//...", "-py"], "//:crate //a/b:x"),
        (["-//a:wheel", "//a"], "//a:wheel"),
        (["//a/b:x", "rs", "rs"], "//:crate //a/b:x"),
    ],
)
def test_patterns_choose_in_order_and_never_publish_by_accident(patterns: list[str], expected: str) -> None:
    found = TargetGraph.of(TARGETS, {}).select([Pattern.parse(text) for text in patterns])
    assert " ".join(str(each.label) for each in found) == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("//a:whel", 'no target matches //a:whel\n\nhint: did you mean "//a:wheel"?'),
        ("//zzzzz/...", "no target matches //zzzzz/..."),
        ("//a/bb", 'no target matches //a/bb\n\nhint: did you mean "//a/b"?'),
        ("-//zzzzz/...", "no target matches -//zzzzz/..."),
        ("pyy", 'no target matches pyy\n\nhint: did you mean "py"?'),
    ],
)
def test_a_pattern_without_a_target_gets_the_nearest(pattern: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        TargetGraph.of(TARGETS, {}).select([Pattern.parse("//..."), Pattern.parse(pattern)])
    assert str(caught.value) == message


def test_an_unknown_label_gets_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        graph(hello=[])[Label("", "helo")]
    assert str(caught.value) == 'no target //:helo\n\nhint: did you mean "//:hello"?'


@pytest.mark.parametrize(
    ("label", "given", "directory"),
    [("//a/b:x", "", "a/b"), ("//:x", "", "."), ("//a:x", "c/d", "c/d"), ("//a:x", ".", ".")],
)
def test_a_target_is_made_from_the_folder_that_it_names_or_else_from_its_own(
    label: str, given: str, directory: str
) -> None:
    found = Target(label=Label.parse(label), rule="thing", attrs=(("directory", given),))
    assert found.directory == directory
