"""Piot itself and PATH."""

from __future__ import annotations

from piot.inspect.doctor.about import Installation, SearchPath, piot, search_path
from piot.model.diagnosis import Fact


def test_which_piot_runs_with_what_is_said_first() -> None:
    view = Installation(
        version="1.2.3", place="/lib/piot", python="3.11.7 (/bin/python3)", root="/r", packages=1, host="x"
    )
    topic = piot(view)
    assert [(fact.name, fact.value) for fact in topic.facts] == [
        ("version", "1.2.3"),
        ("installed in", "/lib/piot"),
        ("Python", "3.11.7 (/bin/python3)"),
        ("machine", "x"),
        ("checkout", "/r (1 package)"),
    ]
    assert topic.findings == ()


def test_an_ordinary_path_has_nothing_to_say() -> None:
    topic = search_path(SearchPath(entries=("/a", "/b"), missing=(), programs={"node": ("/a/node",)}))
    assert topic.facts == (Fact(name="folders", value="2"),)
    assert topic.findings == ()


def test_folders_that_are_missing_or_twice_are_counted_and_hidden_programs_named() -> None:
    view = SearchPath(
        entries=("/a", "/b", "/a", "/c"), missing=("/c",), programs={"node": ("/a/node", "/b/node")}
    )
    assert search_path(view).facts == (
        Fact(name="folders", value="4, 1 without a folder, 1 named twice"),
        Fact(name="node", value="/a/node hides /b/node"),
    )


def test_relative_and_empty_entries_are_warned_of() -> None:
    found = search_path(SearchPath(entries=("/a", "", "bin"), missing=(), programs={})).findings
    assert [(each.code, each.severity, each.message) for each in found] == [
        (
            "PIOT_SEARCH_PATH",
            "warning",
            'an empty entry of PATH (a ":" too many) means another folder wherever one stands; piot looks '
            "for no program there",
        ),
        (
            "PIOT_SEARCH_PATH",
            "warning",
            '"bin" in PATH means another folder wherever one stands; piot looks for no program there',
        ),
    ]
