"""Planned versions reach the dependents of an npm package and the entries of lock files."""

from __future__ import annotations

import pytest

from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.npm.stamp import npm_texts, raised


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("1.0.0", "2.1.0-rc.1"),
        ("^1.0.0", "^2.1.0-rc.1"),
        ("~1.0.0-beta.2", "~2.1.0-rc.1"),
        (">=1.0.0", ">=2.1.0-rc.1"),
        ("= 1.0.0", "= 2.1.0-rc.1"),
        ("workspace:^1.0.0", "workspace:^2.1.0-rc.1"),
        ("workspace:*", "workspace:*"),
        ("*", "*"),
        ("1.x", "1.x"),
        (">=1.0.0 <2", ">=1.0.0 <2"),
        ("^1.0.0 || ^2.0.0", "^1.0.0 || ^2.0.0"),
        ("latest", "latest"),
        ("file:../a", "file:../a"),
    ],
)
def test_a_requirement_keeps_its_operator(requirement: str, expected: str) -> None:
    assert raised(requirement, "2.1.0-rc.1") == expected


def member(directory: str, **values: object) -> NpmManifest:
    return NpmManifest(directory=directory, values={"name": directory.rpartition("/")[2], **values})


MEMBERS = {
    "js": member("js", dependencies={"a": "^1.0.0"}),
    "js/a": member("js/a", version="1.0.0"),
    "js/b": member(
        "js/b", version="1.0.0", dependencies={"a": "*"}, devDependencies={"a": "1.0.0", "c": "1.0.0"}
    ),
}


def project(lock: str | None = "js/package-lock.json") -> NpmProject:
    return NpmProject(directory="js/a", root="js", members=MEMBERS, lock=lock)


def test_dependents_and_the_lock_file_follow() -> None:
    assert npm_texts([project(), project()], {"js/a": "2.0.0"}) == {
        "js/package.json": {("dependencies", "a"): "^2.0.0"},
        "js/b/package.json": {("dependencies", "a"): "*", ("devDependencies", "a"): "2.0.0"},
        "js/package-lock.json": {
            ("packages", "", "dependencies", "a"): "^2.0.0",
            ("packages", "a", "version"): "2.0.0",
            ("packages", "b", "dependencies", "a"): "*",
            ("packages", "b", "devDependencies", "a"): "2.0.0",
        },
    }


def test_the_version_of_a_root_stands_twice_in_its_lock_file() -> None:
    alone = NpmProject(directory="js", root="js", members={"js": MEMBERS["js"]}, lock="js/package-lock.json")
    assert npm_texts([alone], {"js": "2.0.0"}) == {
        "js/package-lock.json": {("packages", "", "version"): "2.0.0", ("version",): "2.0.0"}
    }


@pytest.mark.parametrize("lock", [None, "js/yarn.lock"])
def test_other_lock_files_hold_no_versions_of_the_workspace(lock: str | None) -> None:
    assert set(npm_texts([project(lock)], {"js/a": "2.0.0"})) == {"js/package.json", "js/b/package.json"}


def test_nothing_planned_changes_nothing() -> None:
    assert npm_texts([project()], {}) == {}
