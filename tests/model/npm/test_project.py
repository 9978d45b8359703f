"""What package.json says, what keeps a package from being released, and what of .npmrc is harmless."""

from __future__ import annotations

import json

import pytest

from piot.model.npm.project import NpmManifest, NpmProject, parse_manifest, release_problems, without_secrets


def manifest(**values: object) -> NpmManifest:
    return NpmManifest(directory="a", values=values)


def test_a_manifest_tells_what_it_needs_and_runs() -> None:
    found, problems = parse_manifest(
        json.dumps(
            {
                "name": "@x/a",
                "version": "1.0.0",
                "dependencies": {"b": "^1", "c": "1"},
                "optionalDependencies": {"b": "^2"},
                "devDependencies": {"d": "*", "e": 3},
                "scripts": {"test": "x"},
                "bin": "cli.js",
            }
        ),
        "packages/a",
    )
    assert problems == ()
    assert (found.path, found.name, found.version) == ("packages/a/package.json", "@x/a", "1.0.0")
    assert found.needs() == {"b": "^1", "c": "1", "d": "*", "e": ""}
    assert found.needs("devDependencies") == {"d": "*", "e": ""}
    assert found.programs() == {"a": "cli.js"}
    assert not found.builds and not found.bundles


@pytest.mark.parametrize("script", ["build", "prebuild", "postbuild", "prepack", "prepare", "postpack"])
def test_scripts_that_run_when_a_package_is_made(script: str) -> None:
    assert manifest(scripts={script: "x"}).builds


@pytest.mark.parametrize("key", ["bundleDependencies", "bundledDependencies"])
def test_bundled_dependencies_are_packed(key: str) -> None:
    assert manifest(**{key: ["a"]}).bundles


def test_what_decides_what_is_installed_is_only_a_part() -> None:
    whole = {"name": "a", "description": "x", "scripts": {}, "dependencies": {}, "overrides": {"b": "1"}}
    assert manifest(**whole).skeleton == {"name": "a", "overrides": {"b": "1"}, "dependencies": {}}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"name": }', 1, "not JSON: Expecting value"),
        ('{\n"name" "a"}', 2, "not JSON: Expecting ':' delimiter"),
        ("[]", 0, "an object is wanted"),
    ],
)
def test_what_is_no_package_json_is_told_with_its_place(text: str, line: int, message: str) -> None:
    found, (problem,) = parse_manifest(text, ".")
    assert (problem.path, problem.line, problem.code, problem.message) == (
        "package.json",
        line,
        "PIOT_JSON",
        message,
    )
    assert found.values == {}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "a", "version": "1.0.0-rc.1+x"}, []),
        ({}, ['there is no "name"', 'there is no "version"']),
        ({"name": "a", "version": "1.0"}, ['"version" is "1.0", which is no version of npm']),
        ({"name": "a", "version": "01.0.0"}, ['"version" is "01.0.0", which is no version of npm']),
        (
            {"name": "a", "version": "1.0.0", "private": True},
            ['"private" is true: npm refuses to publish it'],
        ),
    ],
)
def test_what_keeps_a_package_from_being_released(values: dict[str, object], expected: list[str]) -> None:
    assert [each.message for each in release_problems(manifest(**values))] == expected


SETTINGS = """\
# comment
legacy-peer-deps=true
registry=https://r.example
@x:registry = https://r.example
//r.example/:_authToken=${TOKEN}
_auth=abc
https-proxy=http://p.example
cafile=/etc/x
engine-strict=true
"""


def test_settings_without_credentials_and_addresses() -> None:
    assert without_secrets(SETTINGS) == "# comment\nlegacy-peer-deps=true\nengine-strict=true\n"


def test_places_of_a_project_are_those_of_the_repository() -> None:
    member = manifest(name="a")
    project = NpmProject(directory="js/a", root="js", members={"js/a": member})
    assert project.place("node_modules/x") == "js/node_modules/x"
    assert NpmProject(directory=".", root=".", members={}).place("a") == "a"
    assert project.manifest is member is project.member("a")
    assert project.member("b") is None
