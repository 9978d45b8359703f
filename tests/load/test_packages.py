"""The targets that packages have by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from piot.load.packages import package_targets, with_crates
from piot.model.cargo.facts import Crate, DependencyKind, PathDependency, Workspace
from piot.model.label import Label
from piot.model.package import (
    BundleCli,
    CratesSettings,
    NpmBuild,
    NpmSettings,
    Package,
    PypiSettings,
    TargetSettings,
    TargetSpec,
)
from piot.model.python.pyproject import Maturin, Pyproject
from piot.model.rule import Plain, Sources, StringMap, Triples
from piot.model.select import resolve_select
from piot.model.target import Target
from piot.model.triple import Triple


def crates(name: str, path: str, *depends_on: str) -> Package:
    settings = CratesSettings(crate=name)
    return Package(
        name=name, kind="crates", path=path, paths=(f"{path}/**",), settings=settings, depends_on=depends_on
    )


def pypi(name: str, path: str, *depends_on: str) -> Package:
    settings = PypiSettings(pypi=name, build="maturin")
    return Package(
        name=name, kind="pypi", path=path, paths=(f"{path}/**",), settings=settings, depends_on=depends_on
    )


NPM = Package(name="ts", kind="npm", path="ts", paths=("ts/**",), settings=NpmSettings(npm="ts"))


def workspace(**dependencies: Sequence[str | tuple[str, DependencyKind, str | None]]) -> Workspace:
    """Crates by folder, with the folders that they depend on."""
    members: dict[str, Crate] = {}
    for directory, needed in dependencies.items():
        edges: list[tuple[str, DependencyKind, str | None]] = [
            (each, "normal", "1") if isinstance(each, str) else each for each in needed
        ]
        members[directory] = Crate(
            name=directory,
            version="1.0.0",
            directory=directory,
            manifest=f"{directory}/Cargo.toml",
            path_dependencies=tuple(
                PathDependency(name=to, directory=to, kind=kind, version_requirement=version)
                for to, kind, version in edges
            ),
        )
    return Workspace(root=".", manifest="Cargo.toml", members=members, lock_path="Cargo.lock")


def labels(*packages: Package) -> list[str]:
    return [str(target.label) for target in package_targets(packages, ())]


def attrs(target: Target) -> dict[str, object]:
    return dict(target.attrs)


def test_every_kind_has_its_targets() -> None:
    assert labels(crates("rs", "packages/rust"), pypi("py", "packages/python"), NPM) == [
        "//packages/rust:crate",
        "//packages/python:wheel",
        "//packages/python:sdist",
        "//ts:package",
    ]


def test_a_package_in_the_root_has_labels_of_the_root() -> None:
    assert labels(crates("rs", ".")) == ["//:crate"]


def test_packages_that_share_a_folder_have_their_names_in_front() -> None:
    assert labels(crates("rs", "lib"), pypi("py", "lib"), crates("other", "other")) == [
        "//lib:rs-crate",
        "//lib:py-wheel",
        "//lib:py-sdist",
        "//other:crate",
    ]


def test_a_plain_python_package_has_a_wheel_and_an_sdist() -> None:
    package = Package(name="p", kind="pypi", path="p", paths=("p/**",), settings=PypiSettings(pypi="P"))
    wheel, sdist = package_targets([package], ())
    assert [(str(each.label), each.rule) for each in (wheel, sdist)] == [
        ("//p:wheel", "python_wheel"),
        ("//p:sdist", "python_sdist"),
    ]
    assert attrs(wheel) == {
        "depends_on": (),
        "directory": "p",
        "distribution": "P",
        "env": StringMap(),
        "srcs": Sources(globs=("p/**",)),
    }


def test_what_a_crate_is_built_from() -> None:
    package = Package(
        name="rs",
        kind="crates",
        path="rust",
        paths=("rust/**", "!rust/x"),
        settings=CratesSettings(crate="rs", features=("a",), no_default_features=True),
        env=(("K", "v"),),
        system=("zlib",),
        location="putitoutthere.toml:4",
    )
    (target,) = package_targets([package], ())
    assert (target.rule, target.package, target.location) == ("rust_crate", "rs", "putitoutthere.toml:4")
    assert attrs(target) == {
        "crates": (),
        "depends_on": (),
        "directory": "rust",
        "env": StringMap.of({"K": "v"}),
        "features": ("a",),
        "no_default_features": True,
        "srcs": Sources(globs=("rust/**", "!rust/x")),
        "system": ("zlib",),
    }
    assert [name for name, _ in target.attrs] == sorted(attrs(target))


def test_what_a_wheel_is_built_from() -> None:
    arm = Triple.parse("aarch64-unknown-linux-gnu")
    settings = PypiSettings(
        pypi="dist",
        build="maturin",
        targets=(TargetSpec(triple=arm),),
        manylinux="2_28",
        bundle_cli=BundleCli(bin="tool", stage_to="src/_bin", crate_path="cli", features=("loud",)),
    )
    package = Package(name="py", kind="pypi", path="python", paths=(), settings=settings)
    wheel, sdist, cli = package_targets([package], ())
    assert (wheel.rule, sdist.rule, cli.rule) == ("maturin_wheel", "maturin_sdist", "rust_binary")
    found = attrs(wheel)
    assert (found["distribution"], found["manylinux"], found["stage_to"]) == ("dist", "2_28", "src/_bin")
    assert found["programs"] == (cli.label,) == (Label("python", "cli"),)
    assert found["targets"] == Triples((arm.text,))
    assert attrs(sdist)["distribution"] == "dist"
    program = attrs(cli)
    assert (program["bin"], program["directory"], program["features"]) == ("tool", "cli", ("loud",))
    assert program["targets"] == Triples((arm.text,))


def napi(*builds: NpmBuild, cli: BundleCli | None = None, name: str = "ts", path: str = "ts") -> Package:
    targets = tuple(
        TargetSpec(triple=Triple.parse(text), written=text)
        for text in ("linux-arm64-gnu", "aarch64-apple-darwin")
    )
    settings = NpmSettings(npm="@x/lib", build=builds, targets=targets, bundle_cli=cli)
    return Package(name=name, kind="npm", path=path, paths=(f"{path}/**",), settings=settings)


def test_an_addon_has_platform_packages_and_one_that_loads_them() -> None:
    """B16: ``linux-arm64-gnu`` is the triple ``aarch64-unknown-linux-gnu`` to everybody."""
    addon, platforms, package = package_targets([napi(NpmBuild(mode="napi"))], ())
    assert [(each.rule, str(each.label)) for each in (addon, platforms, package)] == [
        ("napi_addon", "//ts:addon"),
        ("npm_platforms", "//ts:platforms"),
        ("napi_package", "//ts:package"),
    ]
    triples = Triples(("aarch64-unknown-linux-gnu", "aarch64-apple-darwin"))
    spelled = {"aarch64-unknown-linux-gnu": "linux-arm64-gnu", "aarch64-apple-darwin": "aarch64-apple-darwin"}
    for each in (platforms, package):
        found = attrs(each)
        assert (found["addon"], found["addon_family"]) == (Label("ts", "addon"), "@x/lib-{triple}")
        assert (found["targets"], found["spelled"]) == (triples, StringMap.of(spelled))
    assert attrs(addon)["targets"] == triples


@pytest.mark.parametrize("addon_first", [True, False])
def test_a_package_with_an_addon_and_a_program_has_two_families(addon_first: bool) -> None:
    builds = (
        NpmBuild(mode="bundled-cli", name="@{scope}/{base}-cli-{triple}"),
        NpmBuild(mode="napi", name="{name}-{mode}-{triple}"),
    )
    builds = builds[::-1] if addon_first else builds
    package = napi(*builds, cli=BundleCli(bin="tool", crate_path="cli"))
    found = {str(each.label): attrs(each) for each in package_targets([package], ())}
    assert [*found] == [
        "//ts:addon",
        "//ts:cli",
        "//ts:platforms",
        "//ts:platforms-napi",
        "//ts:platforms-bundled-cli",
        "//ts:package",
    ]
    platforms, umbrella = found["//ts:platforms"], found["//ts:package"]
    for key in ("addon", "addon_family", "program_family", "targets", "spelled"):
        assert platforms[key] == umbrella[key]
    assert umbrella["program"] == "tool"
    rules = {str(each.label): each.rule for each in package_targets([package], ())}
    assert rules["//ts:package"] == "npm_program"
    assert (platforms["addon"], platforms["program"]) == (Label("ts", "addon"), Label("ts", "cli"))
    assert platforms["addon_family"] == "@x/lib-napi-{triple}"
    assert platforms["program_family"] == "@x/lib-cli-{triple}"
    addons, programs = found["//ts:platforms-napi"], found["//ts:platforms-bundled-cli"]
    assert {**addons, **programs} == platforms
    assert not {"program", "program_family"} & {*addons}
    assert not {"addon", "addon_family"} & {*programs}


def test_a_program_has_platform_packages_and_a_launcher() -> None:
    package = napi(NpmBuild(mode="bundled-cli"), cli=BundleCli(bin="tool", crate_path="cli"))
    cli, platforms, umbrella = package_targets([package], ())
    assert [(each.rule, str(each.label)) for each in (cli, platforms, umbrella)] == [
        ("rust_binary", "//ts:cli"),
        ("npm_platforms", "//ts:platforms"),
        ("npm_program", "//ts:package"),
    ]
    assert (attrs(cli)["bin"], attrs(cli)["directory"]) == ("tool", "cli")
    assert attrs(platforms)["program"] == Label("ts", "cli")
    assert (attrs(umbrella)["program"], attrs(umbrella)["npm"]) == ("tool", "@x/lib")


def test_a_program_that_nothing_names_is_left_to_the_rule_to_refuse() -> None:
    (umbrella,) = package_targets([napi(NpmBuild(mode="bundled-cli"))], ())
    assert (umbrella.rule, attrs(umbrella)["program"]) == ("npm_program", "")


def test_an_addon_beside_a_crate_is_told_apart_by_names() -> None:
    packages = (crates("rs", "lib"), napi(NpmBuild(mode="napi"), path="lib"))
    assert labels(*packages) == ["//lib:rs-crate", "//lib:ts-addon", "//lib:ts-platforms", "//lib:ts-package"]
    platforms = package_targets(packages, ())[2]
    assert attrs(platforms)["addon"] == Label("lib", "ts-addon")


def test_a_program_beside_a_crate_has_a_launcher_whichever_stands_first() -> None:
    """B22: a package is found by its name, not as the first one in its folder."""
    program = napi(NpmBuild(mode="bundled-cli"), path="lib", cli=BundleCli(bin="tool", crate_path="lib"))
    for packages in ((crates("rs", "lib"), program), (program, crates("rs", "lib"))):
        rules = {str(each.label): each.rule for each in package_targets(packages, ())}
        assert rules == {
            "//lib:rs-crate": "rust_crate",
            "//lib:ts-cli": "rust_binary",
            "//lib:ts-platforms": "npm_platforms",
            "//lib:ts-package": "npm_program",
        }


def test_depends_on_names_the_main_target_of_packages_that_have_one() -> None:
    packages = (crates("rs", "rust"), pypi("py", "python", "rs", "ts"), NPM, crates("top", "top", "py"))
    found = {str(target.label): attrs(target)["depends_on"] for target in package_targets(packages, ())}
    needed = (Label("rust", "crate"), Label("ts", "package"))
    assert found["//python:wheel"] == found["//python:sdist"] == needed
    assert found["//top:crate"] == (Label("python", "wheel"),)


def crate_deps(space: Workspace, *directories: str) -> dict[str, object]:
    packages = [crates(name, name) for name in directories]
    return {str(each.label): attrs(each)["crates"] for each in package_targets(packages, [space])}


def test_a_crate_needs_the_crates_of_the_repository_that_it_reaches() -> None:
    found = crate_deps(workspace(top=["middle"], middle=["low"], low=[]), "top", "middle", "low")
    assert found == {
        "//top:crate": (Label("low", "crate"), Label("middle", "crate")),
        "//middle:crate": (Label("low", "crate"),),
        "//low:crate": (),
    }


def test_crates_that_are_not_released_are_not_needed_as_crates() -> None:
    assert crate_deps(workspace(top=["middle"], middle=["low"], low=[]), "top", "low") == {
        "//top:crate": (Label("low", "crate"),),
        "//low:crate": (),
    }


def test_crates_that_test_each_other_are_no_cycle() -> None:
    """cargo leaves dev-dependencies without a version out of what it packages."""
    space = workspace(core=[("testing", "dev", None)], testing=["core"])
    assert crate_deps(space, "core", "testing") == {
        "//core:crate": (),
        "//testing:crate": (Label("core", "crate"),),
    }


@pytest.mark.parametrize("kind", ["dev", "build", "normal"])
def test_a_dependency_with_a_version_is_needed_whatever_its_kind(kind: DependencyKind) -> None:
    assert crate_deps(workspace(top=[("low", kind, "1")], low=[]), "top", "low")["//top:crate"] == (
        Label("low", "crate"),
    )


def test_what_dependencies_are_tested_with_is_not_needed() -> None:
    space = workspace(top=["middle"], middle=[("low", "dev", "1")], low=[])
    assert crate_deps(space, "top", "middle", "low")["//top:crate"] == (Label("middle", "crate"),)


def test_programs_of_build_files_depend_on_the_crates_that_they_are_compiled_from() -> None:
    packages = [crates("low", "low")]
    space = workspace(cli=["low"], low=[])

    def target(rule: str, **given: Plain) -> Target:
        return Target(label=Label("cli", "x"), rule=rule, attrs=tuple(given.items()))

    given = (target("rust_binary", directory="cli"), target("rust_binary"), target("command"))
    named, by_folder, other = with_crates(given, packages, [space])
    assert attrs(named) == {"depends_on": (Label("low", "crate"),), "directory": "cli"}
    assert attrs(by_folder) == {"depends_on": (Label("low", "crate"),)}
    assert other == given[2]


@pytest.mark.parametrize(
    ("crate", "maturin", "requires", "asked", "found"),
    [
        ({"pyo3": True}, Maturin(), ">=3.13", (), ("3.13", "3.14")),
        ({"pyo3": True}, None, None, (), ("3.12",)),
        ({"pyo3": True}, Maturin(), ">=3.13", ("3.14t", "pypy3.11"), ("3.14t", "pypy3.11")),
        ({"pyo3": True, "pyo3_abi3": (3, 9)}, Maturin(), ">=3.9", (), ()),
        ({"pyo3": True}, Maturin(bindings="bin"), ">=3.9", (), ()),
        ({"pyo3": False}, Maturin(), ">=3.9", (), ()),
    ],
)
def test_a_wheel_for_every_python_only_where_one_does_not_serve_all(
    crate: dict[str, Any],
    maturin: Maturin | None,
    requires: str | None,
    asked: tuple[str, ...],
    found: tuple[str, ...],
) -> None:
    member = Crate(name="py", version="1.0.0", directory="py", manifest="py/Cargo.toml", **crate)
    space = Workspace(root=".", manifest="Cargo.toml", members={"py": member}, lock_path="Cargo.lock")
    settings = PypiSettings(pypi="py", build="maturin", python_versions=asked)
    package = Package(name="py", kind="pypi", path="py", paths=(), settings=settings)
    project = Pyproject(directory="py", requires_python=requires, maturin=maturin)
    wheel, _ = package_targets([package], [space], {"py": project})
    assert attrs(wheel)["python_versions"] == found


def test_extension_modules_of_other_back_ends_have_a_wheel_for_every_python_that_is_named() -> None:
    arm, intel = (Triple.parse(f"{arch}-unknown-linux-gnu") for arch in ("aarch64", "x86_64"))
    older = TargetSettings(python_versions=("3.9",))
    specs = (TargetSpec(triple=arm, settings=older), TargetSpec(triple=intel))
    settings = PypiSettings(pypi="py", build="setuptools", targets=specs, python_versions=("3.12", "3.13"))
    package = Package(name="py", kind="pypi", path="py", paths=(), settings=settings)
    wheel, _ = package_targets([package], [], {})
    value = dict(wheel.attrs)["python_versions"]
    assert [resolve_select(value, triple) for triple in (arm, intel)] == [("3.9",), ("3.12", "3.13")]


def test_what_is_built_otherwise_on_one_platform_is_chosen_by_its_triple() -> None:
    arm, intel = (Triple.parse(f"{arch}-unknown-linux-gnu") for arch in ("aarch64", "x86_64"))
    own = TargetSettings(
        env=(("A", "2"),),
        rustflags=("-C", "a b"),
        features=("simd",),
        default_features=False,
        manylinux="2_28",
    )
    settings = PypiSettings(
        pypi="dist", build="maturin", targets=(TargetSpec(triple=intel), TargetSpec(triple=arm, settings=own))
    )
    package = Package(
        name="py", kind="pypi", path="py", paths=(), settings=settings, env=(("A", "1"), ("B", "1"))
    )
    wheel, _ = package_targets([package], ())
    names = ("env", "rustflags", "features", "no_default_features", "manylinux")

    def on(triple: Triple) -> list[Plain]:
        return [resolve_select(wheel.get(name) or "", triple) for name in names]

    assert on(intel) == [StringMap.of({"A": "1", "B": "1"}), (), (), False, ""]
    assert on(arm) == [StringMap.of({"A": "2", "B": "1"}), ("-C", "a b"), ("simd",), True, "2_28"]


def test_extension_modules_are_built_for_each_platform() -> None:
    targets = tuple(
        TargetSpec(triple=Triple.parse(name), runner=runner)
        for name, runner in (("linux-x64-gnu", None), ("darwin-arm64", "our-mac"))
    )
    settings = PypiSettings(pypi="p", build="hatch", targets=targets)
    package = Package(name="p", kind="pypi", path="p", paths=("p/**",), settings=settings)
    wheel, sdist = package_targets([package], ())
    assert (wheel.rule, sdist.rule) == ("python_extension_wheel", "python_sdist")
    assert attrs(wheel)["targets"] == Triples(("x86_64-unknown-linux-gnu", "aarch64-apple-darwin"))
    assert attrs(wheel)["runners"] == StringMap.of({"aarch64-apple-darwin": "our-mac"})
    assert "targets" not in attrs(sdist)


def test_packages_in_one_folder_have_their_own_programs() -> None:
    one = napi(NpmBuild(mode="bundled-cli"), cli=BundleCli(bin="one", crate_path="one"), name="a", path="js")
    two = napi(NpmBuild(mode="bundled-cli"), cli=BundleCli(bin="two", crate_path="two"), name="b", path="js")
    found = {str(each.label): attrs(each) for each in package_targets([one, two], ())}
    for name, program in (("a", "one"), ("b", "two")):
        assert found[f"//js:{name}-cli"]["bin"] == found[f"//js:{name}-package"]["program"] == program
        assert found[f"//js:{name}-platforms"]["program"] == Label("js", f"{name}-cli")


def test_a_platform_of_an_npm_package_may_have_settings_and_a_name_of_its_own() -> None:
    arm, mac = "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"
    own = TargetSettings(
        features=("neon",), default_features=False, rustflags=("-g",), profile="small", system=("zlib",)
    )
    package = napi(NpmBuild(mode="bundled-cli"))
    assert isinstance(package.settings, NpmSettings)
    first, second = package.settings.targets
    settings = replace(
        package.settings,
        bundle_cli=BundleCli(bin="tool", features=("cli",)),
        targets=(replace(first, settings=own), replace(second, name="@x/mac")),
    )
    package = replace(package, settings=settings, system=("openssl",))
    cli, platforms, umbrella = package_targets([package], ())
    on = {
        text: {name: resolve_select(value, Triple.parse(text)) for name, value in cli.attrs}
        for text in (arm, mac)
    }
    changed = ("features", "no_default_features", "rustflags", "profile", "system")
    assert [on[arm][key] for key in changed] == [
        ("cli", "neon"),
        True,
        ("-g",),
        "small",
        ("openssl", "zlib"),
    ]
    assert [on[mac][key] for key in changed] == [("cli",), False, (), "", ("openssl",)]
    for each in (platforms, umbrella):
        found = attrs(each)
        assert found["program_family"] == "{triple}"
        assert found["spelled"] == StringMap.of({arm: "@x/lib-linux-arm64-gnu", mac: "@x/mac"})


def test_the_addon_of_a_platform_is_built_as_it_says() -> None:
    package = napi(NpmBuild(mode="napi"))
    assert isinstance(package.settings, NpmSettings)
    first, second = package.settings.targets
    own = TargetSettings(features=("neon",), profile="small", env=(("A", "1"),))
    settings = replace(package.settings, targets=(replace(first, settings=own), second))
    addon = package_targets([replace(package, settings=settings, env=(("B", "2"),))], ())[0]
    values = {name: resolve_select(value, first.triple) for name, value in addon.attrs}
    assert (values["features"], values["profile"]) == (("neon",), "small")
    assert values["env"] == StringMap.of({"A": "1", "B": "2"})
    others = {name: resolve_select(value, second.triple) for name, value in addon.attrs}
    assert (others["features"], others["profile"]) == ((), "")
    assert others["env"] == StringMap.of({"B": "2"})
