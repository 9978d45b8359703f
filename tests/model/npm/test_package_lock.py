"""package-lock.json: what is fetched for a host, what is linked, and whether it is up to date."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from piot.errors import Problems
from piot.model.fetch import NpmFetch
from piot.model.npm.package_lock import NpmLock, parse_package_lock, without
from piot.model.npm.project import NpmManifest, NpmProject
from piot.model.triple import Triple

HOST = Triple.parse("x86_64-unknown-linux-gnu")


def hashed(name: str) -> str:
    return f"sha512-{base64.b64encode(name.encode().ljust(64)[:64]).decode()}"


def third(package: str, version: str = "1.0.0", **more: Any) -> dict[str, object]:
    return {"version": version, "integrity": hashed(package), **more}


def lock(packages: dict[str, Any], path: str = "js/package-lock.json", **more: object) -> NpmLock:
    table = {"name": "js", "version": "1.0.0", "lockfileVersion": 3, "packages": packages, **more}
    return parse_package_lock(json.dumps(table), path, HOST)


def fetch(name: str, version: str = "1.0.0", address: str = "") -> NpmFetch:
    return NpmFetch(name=name, version=version, integrity=hashed(name), address=address, directory="js")


WORKSPACE = {
    "": {"name": "js", "workspaces": ["packages/*"]},
    "node_modules/a": {"resolved": "packages/a", "link": True},
    "node_modules/b": {"resolved": "packages/b", "link": True},
    "node_modules/x": third("x"),
    "packages/a": {"version": "0.1.0", "dependencies": {"b": "^0.1.0", "x": "^1"}},
    "packages/a/node_modules/x": third("x", "2.0.0"),
    "packages/b": {"version": "0.1.0"},
    "packages/b/node_modules/a": third("a", "9.0.0"),
}


def test_everything_that_a_registry_has_is_fetched_once() -> None:
    alias = third("real", name="real")
    inside = {"version": "1.0.0", "inBundle": True}
    found = lock({**WORKSPACE, "node_modules/alias": alias, "node_modules/x/node_modules/y": inside})
    assert found.fetches == (fetch("a", "9.0.0"), fetch("real"), fetch("x"), fetch("x", "2.0.0"))
    assert found.fetches[0].directory == "js"


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({}, True),
        ({"os": ["linux", "darwin"], "cpu": ["x64"], "libc": ["glibc"]}, True),
        ({"os": ["!win32"]}, True),
        ({"os": ["any"]}, True),
        ({"os": ["darwin"]}, False),
        ({"os": ["!linux"]}, False),
        ({"cpu": ["arm64"]}, False),
        ({"libc": ["musl"]}, False),
    ],
)
def test_optional_packages_for_other_platforms_are_not(row: dict[str, Any], wanted: bool) -> None:
    found = lock({"node_modules/x": third("x", optional=True, **row)})
    assert found.fetches == ((fetch("x"),) if wanted else ())
    assert lock({"node_modules/x": third("x", **row)}).fetches == (fetch("x"),)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://r.example/npm/@s/x/-/x-1.0.0.tgz", ""),
        ("https://r.example/download/@s/x/1.0.0/abc", "https://r.example/download/@s/x/1.0.0/abc"),
    ],
)
def test_addresses_other_than_a_registrys_are_kept(address: str, kept: str) -> None:
    (found,) = lock({"node_modules/@s/x": third("@s/x", resolved=address)}).fetches
    assert found == fetch("@s/x", address=kept)


def test_all_that_cannot_be_installed_is_told_at_once() -> None:
    with pytest.raises(Problems) as caught:
        lock(
            {
                "node_modules/g": {"version": "1.0.0", "resolved": "git+ssh://git@h.example/g.git#abc"},
                "node_modules/l": {"resolved": "../l", "link": True},
                "node_modules/o": {"version": "1.0.0", "integrity": "sha1-qZk+NkcGgWq6PiVxeFDCbJzQ2J0="},
                "node_modules/s": {"version": "1.0.0", "integrity": "sha512-short"},
                "node_modules/--x": third("--x", "1;2"),
            }
        )
    assert [each.code for each in caught.value.problems] == ["PIOT_NPM_LOCK"] * 5
    assert [each.message for each in caught.value.problems] == [
        "node_modules/g is git+ssh://git@h.example/g.git#abc",
        "node_modules/l is a link to ../l, outside of the workspace",
        "node_modules/o is not pinned by a sha512 integrity",
        "integrity of s 1.0.0 is no hash: 'sha512-short'",
        "node_modules/--x is --x 1;2",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"lockfileVersion": 1}', "lockfileVersion is 1, and 2 or 3 is needed"),
        ("[]", "lockfileVersion is missing, and 2 or 3 is needed"),
    ],
)
def test_a_file_that_npm_ci_could_not_use_is_refused(text: str, message: str) -> None:
    with pytest.raises(Problems) as caught:
        parse_package_lock(text, "package-lock.json", HOST)
    assert [each.message for each in caught.value.problems] == [message]


def test_packages_of_the_workspace_are_found_as_node_finds_them() -> None:
    found = lock(WORKSPACE)
    assert found.linked("packages/a", "b") == "packages/b"
    assert found.linked("", "a") == "packages/a"
    assert found.linked("packages/b", "a") is None
    assert found.linked("packages/b", "unknown") is None
    assert found.links == {"node_modules/a": "packages/a", "node_modules/b": "packages/b"}
    assert found.folders == ("node_modules", "packages/a/node_modules", "packages/b/node_modules")


def members(**needs: dict[str, str]) -> dict[str, NpmManifest]:
    found = {"js": NpmManifest(directory="js", values={"name": "js"})}
    for name, wanted in needs.items():
        directory = f"js/packages/{name}"
        found[directory] = NpmManifest(directory=directory, values={"name": name, "dependencies": wanted})
    return found


def test_a_lock_file_that_is_up_to_date_has_nothing_to_say() -> None:
    asked = members(a={"x": "^1", "b": "^0.1.0"}, b={})
    assert [*lock(WORKSPACE).outdated("js", asked)] == []


def test_a_lock_file_that_is_out_of_date_says_where() -> None:
    found = [*lock(WORKSPACE).outdated("js", members(a={"x": "^2", "y": "1"}, b={}, c={}))]
    start = "it is out of date: js/packages/a/package.json asks for"
    assert [each.message for each in found] == [
        f"{start} b nothing, locked is ^0.1.0",
        f"{start} x ^2, locked is ^1",
        f"{start} y 1, locked is nothing",
        "it does not know the workspace js/packages/c",
    ]
    assert {(each.path, each.hint) for each in found} == {
        ("js/package-lock.json", "run `npm install` in js and commit js/package-lock.json")
    }


def test_what_is_staged_depends_on_third_party_packages_only() -> None:
    found = json.loads(lock(WORKSPACE, dependencies={}).staged())
    assert "version" not in found and "dependencies" not in found
    rows = found["packages"]
    assert rows["packages/a"] == {"version": "0.0.0", "dependencies": {"b": "*", "x": "^1"}}
    assert rows["node_modules/x"]["resolved"] == "https://packages.invalid/x/-/x-1.0.0.tgz"
    assert rows["node_modules/a"] == WORKSPACE["node_modules/a"]
    raised = {**WORKSPACE, "packages/b": {"version": "7.0.0"}}
    raised["packages/a"] = {"version": "8.0.0", "dependencies": {"b": "^7.0.0", "x": "^1"}}
    assert lock(raised).staged() == lock(WORKSPACE).staged()


def test_packages_that_nobody_can_install_yet_are_taken_out_of_manifest_and_lock() -> None:
    own = NpmManifest(directory="js", values={"name": "a", "optionalDependencies": {"a-x": "1", "b": "1"}})
    rows = {
        "": {"optionalDependencies": {"a-x": "1", "b": "1"}},
        "node_modules/a-x": third("a-x"),
        "node_modules/b": third("b"),
    }
    project = NpmProject(
        directory="js", root="js", members={"js": own}, lock_text=json.dumps({"packages": rows})
    )
    found = without(project, {"a-x"})
    assert found.manifest.needs() == {"b": "1"}
    assert json.loads(found.lock_text or "")["packages"] == {
        "": {"optionalDependencies": {"b": "1"}},
        "node_modules/b": third("b"),
    }
    assert without(replace(project, lock_text="# yarn"), {"a-x"}).lock_text == "# yarn"
