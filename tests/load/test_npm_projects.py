"""Packages of npm are found with the workspace that they stand in and with what they are built from."""

from __future__ import annotations

import json

import pytest

from piot.errors import InputError
from piot.load.npm_projects import NpmProjects
from piot.load.npm_siblings import NpmSiblings
from piot.model.package import NpmSettings, Package


def package(name: str, **more: object) -> str:
    return json.dumps({"name": name, "version": "1.0.0", **more})


def projects(files: dict[str, str]) -> NpmProjects:
    return NpmProjects(files.get, sorted(files))


WORKSPACE = {
    "js/package.json": package("root", private=True, workspaces=["packages/*", "!packages/out"]),
    "js/package-lock.json": "{}",
    "js/.npmrc": "_auth=x\nengine-strict=true\n",
    "js/packages/a/package.json": package("a", dependencies={"b": "*"}),
    "js/packages/b/package.json": package("b", devDependencies={"a": "*", "c": "*"}),
    "js/packages/c/package.json": package("c", private=True, dependencies={"d": "*"}),
    "js/packages/d/package.json": package("d"),
    "js/packages/out/package.json": package("out"),
    "js/packages/a/deep/package.json": package("deep"),
}


def test_a_package_belongs_to_the_workspace_above_it() -> None:
    found = projects(WORKSPACE)("js/packages/a")
    assert (found.root, found.lock, found.lock_text, found.problems) == (
        "js",
        "js/package-lock.json",
        "{}",
        (),
    )
    assert list(found.members) == ["js", *(f"js/packages/{name}" for name in "abcd")]
    assert found.settings == "engine-strict=true\n"


@pytest.mark.parametrize("directory", ["js/packages/out", "js/packages/a/deep"])
def test_what_no_workspace_names_stands_alone(directory: str) -> None:
    found = projects(WORKSPACE)(directory)
    assert (found.root, list(found.members), found.lock) == (directory, [directory], None)


def test_the_root_may_be_released_itself() -> None:
    files = {
        "package.json": package("top", workspaces={"packages": ["./a/"]}),
        "a/package.json": package("a"),
    }
    assert list(projects(files)(".").members) == [".", "a"]
    assert projects(files)("a").root == "."


BERRY = "__metadata:\n  version: 8\n"


@pytest.mark.parametrize(
    ("locks", "manager", "found"),
    [
        (["yarn.lock"], None, "yarn.lock"),
        (["package-lock.json", "npm-shrinkwrap.json"], None, "npm-shrinkwrap.json"),
        (["yarn.lock", "pnpm-lock.yaml"], "pnpm@10.0.0+sha512.abc", "pnpm-lock.yaml"),
        (["yarn.lock", "package-lock.json"], "yarn@1.22.22", "yarn.lock"),
        (["bun.lock"], "npm@11.0.0", "bun.lock"),
        (["yarn.lock berry", "package-lock.json"], "yarn@4.0.0", "yarn.lock"),
        (["yarn.lock berry", "package-lock.json"], "npm@11.0.0", "package-lock.json"),
        (["yarn.lock berry"], "yarn@4.0.0", "yarn.lock"),
    ],
)
def test_the_lock_file_of_the_package_manager_counts(
    locks: list[str], manager: str | None, found: str
) -> None:
    files = {each.partition(" ")[0]: BERRY if "berry" in each else "" for each in locks}
    more = {} if manager is None else {"packageManager": manager}
    assert projects({"package.json": package("a", **more), **files})(".").lock == found


@pytest.mark.parametrize("wanted", [{"name": "pnpm"}, [{"name": "pnpm", "version": "10"}, {"name": "npm"}]])
def test_the_package_manager_may_be_a_matter_of_development(wanted: object) -> None:
    manifest = package("a", devEngines={"packageManager": wanted})
    files = {"package.json": manifest, "yarn.lock": "", "pnpm-lock.yaml": ""}
    assert projects(files)(".").lock == "pnpm-lock.yaml"


def test_of_several_lock_files_none_counts_when_nobody_says_which() -> None:
    locks = ["pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json"]
    found = projects({"package.json": package("a"), **dict.fromkeys(locks, "")})(".")
    assert (found.lock, found.lock_text) == (None, None)
    assert found.rivals == ("npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml")


def test_a_workspace_of_pnpm_is_found_by_its_own_file() -> None:
    files = {
        "package.json": package("top", private=True),
        "pnpm-workspace.yaml": "packages: ['libs/*', '!libs/out']\ncatalog: {x: ^1}\n",
        "libs/a/package.json": package("a"),
        "libs/out/package.json": package("out"),
    }
    found = projects(files)("libs/a")
    assert (found.root, list(found.members)) == (".", [".", "libs/a"])
    assert found.catalogs == {"default": {"x": "^1"}}
    assert projects(files)("libs/out").root == "libs/out"


def test_catalogs_of_bun_stand_in_the_manifest_of_the_root() -> None:
    workspaces = {"packages": ["a"], "catalog": {"x": "1"}, "catalogs": {"old": {"y": "2"}}}
    files = {"package.json": package("top", workspaces=workspaces), "a/package.json": package("a")}
    assert projects(files)("a").catalogs == {"default": {"x": "1"}, "old": {"y": "2"}}


def test_all_that_is_wrong_with_manifests_is_known() -> None:
    files = {**WORKSPACE, "js/packages/a/package.json": "{}", "js/packages/b/package.json": "{"}
    found = [(each.path, each.message) for each in projects(files)("js/packages/a").problems]
    assert found == [
        ("js/packages/a/package.json", 'there is no "name"'),
        ("js/packages/a/package.json", 'there is no "version"'),
        ("js/packages/b/package.json", "not JSON: Expecting property name enclosed in double quotes"),
    ]


def test_a_folder_without_a_package_json_is_an_error() -> None:
    with pytest.raises(InputError) as caught:
        projects(WORKSPACE)("js/packages/aa")
    assert str(caught.value) == 'no package.json in js/packages/aa\n\nhint: did you mean "js/packages/a"?'


def siblings(*names: str) -> dict[str, list[str]]:
    packages = [
        Package(
            name=name,
            kind="npm",
            path=f"js/packages/{name}",
            paths=("**",),
            settings=NpmSettings(npm=name),
        )
        for name in names
    ]
    found = NpmSiblings(packages, projects(WORKSPACE))
    return {each.name: [other.name for other in found.siblings(each)] for each in packages}


def test_packages_are_built_from_those_that_they_use_through_unreleased_ones_too() -> None:
    assert siblings("d", "b") == {"d": [], "b": ["d"]}


def test_a_circle_of_development_is_cut_by_the_order_of_the_file() -> None:
    assert siblings("a", "b", "d") == {"a": ["d"], "b": ["a", "d"], "d": []}
    assert siblings("b", "a", "d") == {"a": ["b", "d"], "b": ["d"], "d": []}


def test_packages_without_a_manifest_use_nobody() -> None:
    assert siblings("none", "a") == {"none": [], "a": []}
