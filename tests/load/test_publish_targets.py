"""The publish node of every package."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.load.graph import build_graph
from piot.load.publish_targets import SCHEMA, with_publish_targets
from piot.model.label import Label
from piot.model.package import CratesSettings, Kind, NpmSettings, Package, PypiSettings
from piot.model.rule import RuleSchema
from piot.model.target import Target, TargetGraph

SETTINGS: dict[Kind, CratesSettings | PypiSettings | NpmSettings] = {
    "crates": CratesSettings(crate="x"),
    "pypi": PypiSettings(pypi="x"),
    "npm": NpmSettings(npm="x"),
}
ANY = RuleSchema(name="any", attrs=(), location="@piot//rules:any.py:1")


def package(name: str, kind: Kind, path: str, *depends_on: str) -> Package:
    settings = SETTINGS[kind]
    return Package(name=name, kind=kind, path=path, paths=(), settings=settings, depends_on=depends_on)


def target(label: str, rule: str = "any", *deps: str) -> Target:
    return Target(label=Label.parse(label), rule=rule, attrs=(("deps", tuple(map(Label.parse, deps))),))


def graph(packages: list[Package], targets: list[str], declared: tuple[Target, ...] = ()) -> TargetGraph:
    found = with_publish_targets([target(each) for each in targets], packages, declared)
    return build_graph([*found, *declared], {"any": ANY, "publish": SCHEMA})


def deps(graph: TargetGraph, label: str) -> list[str]:
    return [str(each) for each in graph[Label.parse(label)].deps]


def test_a_node_comes_after_what_it_sends_and_after_the_nodes_of_what_its_package_needs() -> None:
    packages = [
        package("js", "npm", "js", "core", "py"),
        package("py", "pypi", "py", "core"),
        package("core", "crates", "core"),
    ]
    files = ["//core:crate", "//py:wheel", "//py:sdist", "//js:platforms", "//js:package", "//js:addon"]
    made = graph(packages, files)
    assert deps(made, "//core:publish") == ["//core:crate"]
    assert deps(made, "//py:publish") == ["//core:publish", "//py:sdist", "//py:wheel"]
    assert deps(made, "//js:publish") == ["//core:publish", "//js:package", "//js:platforms", "//py:publish"]


def test_packages_that_share_a_folder_have_their_names_in_front() -> None:
    made = graph(
        [package("rs", "crates", "."), package("py", "pypi", ".", "rs")], ["//:rs-crate", "//:py-wheel"]
    )
    assert deps(made, "//:py-publish") == ["//:py-wheel", "//:rs-publish"]


def test_a_target_of_a_build_file_takes_its_place() -> None:
    made = graph([package("core", "crates", "core")], [], (target("//core:publish"),))
    assert made[Label("core", "publish")].rule == "any"


def test_what_is_built_cannot_depend_on_what_is_published() -> None:
    with pytest.raises(Problems) as caught:
        graph(
            [package("core", "crates", "core")], ["//core:crate"], (target("//x:y", "any", "//core:publish"),)
        )
    (problem,) = caught.value.problems
    assert (problem.code, problem.message, problem.hint) == (
        "PIOT_PUBLISH_DEPENDENCY",
        "//x:y depends on //core:publish",
        "depend on what is built: no build publishes anything",
    )
