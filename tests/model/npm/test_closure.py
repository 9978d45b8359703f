"""A tool of package-lock.json and what it needs, as npm would lay it out."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from piot.errors import InputError
from piot.model.npm.closure import closure_of
from piot.model.npm.package_lock import NpmLock, parse_package_lock
from piot.model.triple import Triple

HASH = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
HOST = Triple.parse("x86_64-unknown-linux-gnu")
Rows = Mapping[str, Mapping[str, object]]
ROWS: Rows = {
    "": {"devDependencies": {"tool": "^3"}},
    "node_modules/tool": {
        "version": "3.1.0",
        "bin": {"tool": "dist/cli.js"},
        "dependencies": {"a": "1", "b": "1"},
        "peerDependencies": {"types": "1"},
        "peerDependenciesMeta": {"types": {"optional": True}},
    },
    "node_modules/a": {"version": "1.0.0", "dependencies": {"b": "2"}},
    "node_modules/a/node_modules/b": {"version": "2.0.0"},
    "node_modules/b": {
        "version": "1.0.0",
        "optionalDependencies": {"b-linux": "1", "b-musl": "1", "b-mac": "1", "b-absent": "1"},
        "dependencies": {"tool": "3"},
    },
    "node_modules/b-linux": {"version": "1.0.0", "os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]},
    "node_modules/b-musl": {"version": "1.0.0", "os": ["linux"], "cpu": ["x64"], "libc": ["musl"]},
    "node_modules/b-mac": {"version": "1.0.0", "os": ["!linux"]},
    "node_modules/other": {"version": "1.0.0"},
}


def lock(rows: Rows) -> NpmLock:
    """As npm writes it: what is needed by optional packages alone is marked."""
    found = {place: {"integrity": HASH, "optional": "os" in row, **row} for place, row in rows.items()}
    return parse_package_lock(json.dumps({"packages": found}), "ts/package-lock.json", HOST)


def test_the_tool_comes_with_what_it_needs_on_this_machine() -> None:
    found = closure_of("tool", lock(ROWS), "")
    assert (found.place, found.version, found.programs) == (
        "node_modules/tool",
        "3.1.0",
        {"tool": "dist/cli.js"},
    )
    assert [(place, f"{each.name} {each.version}") for place, each in found.packages] == [
        ("node_modules/a", "a 1.0.0"),
        ("node_modules/a/node_modules/b", "b 2.0.0"),
        ("node_modules/b", "b 1.0.0"),
        ("node_modules/b-linux", "b-linux 1.0.0"),
        ("node_modules/tool", "tool 3.1.0"),
    ]
    assert {(each.integrity, each.directory) for _, each in found.packages} == {(HASH, "ts")}


def test_the_tool_of_a_workspace_is_the_nearest_one() -> None:
    rows = {**ROWS, "packages/ts/node_modules/tool": {"version": "2.0.0"}}
    assert closure_of("tool", lock(rows), "packages/ts").version == "2.0.0"
    assert closure_of("tool", lock(rows), "packages/js").version == "3.1.0"


def test_a_package_under_another_name_is_fetched_by_its_own() -> None:
    rows: Rows = {
        "node_modules/tool": {"version": "3.0.0", "dependencies": {"alias": "1"}},
        "node_modules/alias": {"version": "1.0.0", "name": "@real/name"},
    }
    found = closure_of("tool", lock(rows), "")
    assert [(place, each.name) for place, each in found.packages] == [
        ("node_modules/alias", "@real/name"),
        ("node_modules/tool", "tool"),
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"": {}}, "ts/package-lock.json has no tool"),
        (
            {"node_modules/tool": {"version": "3.0.0", "dependencies": {"a": "1"}}},
            "ts/package-lock.json: node_modules/tool needs a, which is not there",
        ),
    ],
)
def test_a_lock_file_that_lacks_something_is_refused(rows: Rows, message: str) -> None:
    with pytest.raises(InputError) as caught:
        closure_of("tool", lock(rows), "")
    assert caught.value.message == message
