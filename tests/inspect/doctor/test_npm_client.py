"""Whether npm and Node.js are new enough for trusted publishing."""

from __future__ import annotations

import pytest

from piot.inspect.doctor.npm_client import NpmClient, npm_client


@pytest.mark.parametrize(
    ("npm", "node", "old"),
    [
        ("11.5.1", "22.14.0", []),
        ("11.5.0", "22.14.0", ["npm 11.5.0"]),
        ("10.9.4", "20.19.1", ["npm 10.9.4", "Node.js 20.19.1"]),
        ("12.0.0-pre.1", "22.21.9", ["Node.js 22.21.9"]),
        ("12.0.0", "22.22.0", []),
        ("", "", []),
    ],
)
def test_each_that_is_too_old_is_named(npm: str, node: str, old: list[str]) -> None:
    found = npm_client(NpmClient(npm=npm, node=node, packages=("ts",), only_way=False))
    assert [each.message.partition(" is too old")[0] for each in found] == old
    assert {each.severity for each in found} <= {"warning"}


def test_where_there_is_no_other_way_it_is_an_error() -> None:
    (found,) = npm_client(NpmClient(npm="10.0.0", node="24.0.0", packages=("a", "b"), only_way=True))
    assert (found.code, found.severity, found.message, found.fix) == (
        "PIOT_NPM_OLD",
        "error",
        "npm 10.0.0 is too old for trusted publishing of a and b, which needs 11.5.1",
        "npm install -g npm@11",
    )


@pytest.mark.parametrize("npm", ["11.14.9", "11.15.0"])
def test_staging_takes_a_newer_npm_whatever_the_token(npm: str) -> None:
    view = NpmClient(npm=npm, node="24.0.0", packages=("a",), only_way=False, staged=True)
    assert [(each.severity, each.message) for each in npm_client(view)] == [
        ("error", f"npm {npm} is too old for staged publishing of a, which needs 11.15.0")
    ] * (npm == "11.14.9")


def test_without_packages_of_npm_nobody_cares() -> None:
    assert npm_client(NpmClient(npm="6.0.0", node="12.0.0", packages=(), only_way=True)) == ()
