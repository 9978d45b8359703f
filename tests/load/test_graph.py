"""The graph of all targets holds together, or everything that is wrong with it is said at once."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.graph import build_graph
from piot.model.label import Label
from piot.model.target import Target


def target(text: str, place: str, *deps: str) -> Target:
    labels = tuple(Label.parse(dep) for dep in deps)
    return Target(label=Label.parse(text), rule="thing", attrs=(("deps", labels),), location=place)


def test_targets_of_both_kinds_of_files_are_one_graph() -> None:
    targets = [
        target("//a:wheel", "putitoutthere.toml:3", "//a:gen"),
        target("//a:gen", "a/BUILD:1"),
    ]
    graph = build_graph(targets, {})
    assert graph[Label("a", "wheel")].deps == (Label("a", "gen"),)


def test_everything_that_does_not_hold_together_is_said_at_once() -> None:
    targets = [
        target("//a:wheel", "putitoutthere.toml:3", "//a:gen"),
        target("//a:gen", "a/BUILD:7 (in gen at tools/d.bzl:2)", "//b:x"),
        target("//b:x", "b/BUILD:1", "//a:whee", "//a:wheel"),
        target("//b:y", "b/BUILD:4", "//zzz:q"),
        target("//b:y", "b/BUILD:9"),
    ]
    with pytest.raises(Problems) as caught:
        build_graph(targets, {})
    assert str(caught.value) == (
        "a/BUILD:7:1: PIOT_CYCLE: targets depend on each other: //a:gen -> //b:x -> //a:wheel -> //a:gen\n"
        "b/BUILD:1:1: PIOT_UNKNOWN_TARGET: //b:x depends on //a:whee, which does not exist\n"
        '    hint: did you mean "//a:wheel"?\n'
        "b/BUILD:4:1: PIOT_UNKNOWN_TARGET: //b:y depends on //zzz:q, which does not exist\n"
        "b/BUILD:9:1: PIOT_DUPLICATE_TARGET: //b:y is declared twice\n"
        "    hint: the other one is at b/BUILD:4"
    )


def test_a_target_without_a_place_is_named_instead() -> None:
    with pytest.raises(Problems) as caught:
        build_graph([target("//a:b", "", "//a:nothing")], {})
    assert str(caught.value) == (
        "//a:b: PIOT_UNKNOWN_TARGET: //a:b depends on //a:nothing, which does not exist\n    hint: //a has :b"
    )
