"""Workspaces, crates and Python projects are found as cargo and maturin find them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.errors import Problems
from piot.load.manifests import pyproject_as_far, read_pyproject, read_workspaces, workspaces_as_far
from piot.model.cargo.facts import ANY_ABI3, CargoTarget, Crate, Workspace
from piot.model.cargo.lockfile import Patch

EXAMPLE = Path(__file__).parents[2] / "examples/polyglot"
EXAMPLE_CRATES = ("crates/cli", "crates/stopwords", "packages/python", "packages/rust", "packages/ts")


def workspaces(files: Mapping[str, str], *directories: str) -> tuple[Workspace, ...]:
    return read_workspaces(files.get, list(files), directories)


def only_crate(files: Mapping[str, str]) -> Crate:
    return workspaces(files, ".")[0].crate(".")


def package(name: str, rest: str = "") -> str:
    return f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{rest}'


def example_files() -> dict[str, str]:
    paths = [path for path in EXAMPLE.rglob("*") if path.is_file() and "target" not in path.parts]
    texts = {"Cargo.toml", "Cargo.lock"}
    return {
        path.relative_to(EXAMPLE).as_posix(): path.read_text(encoding="utf-8") if path.name in texts else ""
        for path in paths
    }


def test_the_example_is_one_workspace_of_five_crates() -> None:
    (found,) = workspaces(example_files(), *EXAMPLE_CRATES)
    assert (found.root, tuple(found.members), dict(found.others)) == (".", EXAMPLE_CRATES, {})
    assert found.lock is not None and found.profiles == ("release",)
    assert [one.name for one in found.reach("packages/python")] == [
        "rakelet-stopwords",
        "rakelet-py",
        "rakelet",
    ]
    python = found.crate("packages/python")
    assert python.library == CargoTarget(
        name="_core", path="packages/python/src/lib.rs", crate_types=("cdylib",)
    )
    assert (python.pyo3_abi3, python.publish, python.edition) == ((3, 9), False, "2021")
    assert found.crate("packages/ts").build_script == "packages/ts/build.rs"


@pytest.mark.parametrize(
    ("rest", "files", "library", "binaries"),
    [
        ("", "src/lib.rs src/main.rs", "a_b src/lib.rs lib", "a-b=src/main.rs"),
        (
            "",
            "src/bin/x.rs src/bin/y/main.rs src/bin/y/z.rs src/bin/n.txt",
            "",
            "x=src/bin/x.rs y=src/bin/y/main.rs",
        ),
        ("autobins = false\nautolib = false\n", "src/lib.rs src/main.rs", "", ""),
        (
            '[[bin]]\nname = "t"\npath = "src/main.rs"\n',
            "src/main.rs src/bin/x.rs",
            "",
            "t=src/main.rs x=src/bin/x.rs",
        ),
        ('[[bin]]\nname = "y"\n', "src/bin/y/main.rs", "", "y=src/bin/y/main.rs"),
        ('[[bin]]\nname = "y"\n', "", "", "y=src/bin/y.rs"),
        ('[[bin]]\nname = "a-b"\n', "src/main.rs", "", "a-b=src/main.rs"),
        ("[lib]\nproc-macro = true\n", "", "a_b src/lib.rs proc-macro", ""),
        (
            '[lib]\nname = "c"\npath = "../c.rs"\ncrate-type = ["cdylib", "rlib"]\n',
            "",
            "c ../c.rs cdylib rlib",
            "",
        ),
    ],
)
def test_targets_are_discovered(rest: str, files: str, library: str, binaries: str) -> None:
    texts = {"x/Cargo.toml": package("a-b", rest), **{f"x/{path}": "" for path in files.split()}}
    crate = workspaces(texts, "x")[0].crate("x")
    found = crate.library
    types = " ".join(found.crate_types) if found else ""
    assert (f"{found.name} {found.path} {types}" if found else "") == re.sub(
        r"(\S*\.rs)", lambda m: f"x/{m[1]}".replace("x/../", ""), library
    )
    assert " ".join(f"{one.name}={one.path.removeprefix('x/')}" for one in crate.binaries) == binaries
    assert crate.proc_macro == ("proc-macro" in types)


def test_edition_2015_discovers_no_binary_beside_a_written_one() -> None:
    old = '[package]\nname = "a"\n[[bin]]\nname = "b"\npath = "b.rs"\n'
    crate = only_crate({"Cargo.toml": old, "src/main.rs": ""})
    assert [one.name for one in crate.binaries] == ["b"]
    assert (crate.version, crate.edition) == ("0.0.0", "2015")


@pytest.mark.parametrize(
    ("build", "files", "script"),
    [
        ("", {"build.rs": ""}, "build.rs"),
        ("", {}, None),
        ("build = false\n", {"build.rs": ""}, None),
        ('build = "tools/b.rs"\n', {}, "tools/b.rs"),
        ("build = true\n", {}, "build.rs"),
    ],
)
def test_build_scripts_are_found(build: str, files: dict[str, str], script: str | None) -> None:
    assert only_crate({"Cargo.toml": package("a", build), **files}).build_script == script


@pytest.mark.parametrize(
    ("rest", "floor"),
    [
        ('[dependencies]\npyo3 = "0.29"\n', None),
        ('[dependencies]\npyo3 = { version = "1", features = ["abi3"] }\n', ANY_ABI3),
        ("[target.'cfg(unix)'.dependencies.pyo3-ffi]\nversion = '1'\nfeatures = ['abi3-py311']\n", (3, 11)),
        ('[dependencies]\npy = { package = "pyo3", version = "1", features = ["abi3-py310"] }\n', (3, 10)),
        ("[dependencies]\npyo3.workspace = true\n", (3, 9)),
        ('[dependencies]\npyo3 = { workspace = true, features = ["abi3-py38"] }\n', (3, 8)),
    ],
)
def test_the_stable_abi_is_seen_wherever_it_is_asked_for(rest: str, floor: tuple[int, int] | None) -> None:
    shared = '[workspace.dependencies]\npyo3 = { version = "1", features = ["abi3-py39"] }\n'
    assert only_crate({"Cargo.toml": package("a", rest + shared)}).pyo3_abi3 == floor


TREE = {
    "rust/Cargo.toml": '[workspace]\nmembers = ["crates/*", "deep/**/x", "tool"]\n'
    'exclude = ["crates/out", "fuzz"]\n'
    '[workspace.package]\nversion = "1.2.3"\nedition = "2024"\npublish = false\n'
    '[workspace.dependencies]\nb = { path = "crates/b", version = "1" }\n'
    '[patch.crates-io]\nfork = { path = "../fork" }\nz = { package = "zed", git = "https://z" }\n',
    "rust/crates/a/Cargo.toml": '[package]\nname = "a"\nversion.workspace = true\nedition.workspace = true\n'
    "publish.workspace = true\n[dependencies]\nb.workspace = true\n[features]\nx = []\ndefault = ['x']\n",
    "rust/crates/b/Cargo.toml": package("b", '[build-dependencies]\nauto = { path = "../../auto" }\n'),
    "rust/crates/out/Cargo.toml": package("out"),
    "rust/auto/Cargo.toml": package("auto", '[dev-dependencies]\nout = { path = "../../out" }\n'),
    "rust/deep/one/two/x/Cargo.toml": package("x"),
    "rust/tool/Cargo.toml": package("tool"),
    "rust/fuzz/Cargo.toml": package("fuzz", '[dependencies]\na = { path = "../crates/a" }\n'),
    "out/Cargo.toml": package("out"),
    "fork/Cargo.toml": package("fork"),
}


def test_members_are_those_that_cargo_takes() -> None:
    (found,) = workspaces(TREE, "rust/crates/a")
    assert list(found.members) == [
        "rust/auto",
        "rust/crates/a",
        "rust/crates/b",
        "rust/deep/one/two/x",
        "rust/tool",
    ]
    assert list(found.others) == ["fork", "out"]
    assert [one.directory for one in found.reach("rust/crates/a")] == [
        "out",
        "rust/auto",
        "rust/crates/a",
        "rust/crates/b",
    ]
    assert found.patches == (Patch(name="fork", directory="fork"), Patch(name="zed", git="https://z"))
    assert (found.lock_path, found.lock, found.manifest) == ("rust/Cargo.lock", None, "rust/Cargo.toml")


def test_inherited_values_are_filled_in() -> None:
    a = workspaces(TREE, "rust/crates/a")[0].crate("rust/crates/a")
    assert (a.version, a.version_inherited, a.edition, a.publish) == ("1.2.3", True, "2024", False)
    assert (a.features, a.default_features) == (("default", "x"), ("x",))
    assert [(one.name, one.directory, one.version_requirement) for one in a.path_dependencies] == [
        ("b", "rust/crates/b", "1")
    ]


def test_an_excluded_crate_is_a_workspace_of_its_own() -> None:
    found = workspaces(TREE, "rust/fuzz", "rust/tool", "docs")
    assert [one.root for one in found] == ["rust", "rust/fuzz"]
    assert list(found[1].members) == ["rust/fuzz"]
    assert found[1].crate("rust/crates/a").version == "1.2.3"


def test_all_problems_of_all_manifests_are_shown_with_their_places() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b", "gone"]\n[workspace.dependencies]\nserde = "1"\n',
        "Cargo.lock": "[[package]]\nname = 1\n=",
        "a/Cargo.toml": "[package]\nversion.workspace = true\n\n[dependencies]\nserd = { workspace = true }\n"
        'up = { path = "../.." }\nno = { path = "../no" }\n',
        "b/Cargo.toml": '[package]\nname = "b\n',
        "c/Cargo.toml": package("c"),
        "d/Cargo.toml": "[dependencies]\n",
    }
    with pytest.raises(Problems) as wrong:
        workspaces(files, "a", "b", "c", "d")
    assert str(wrong.value).splitlines() == [
        "Cargo.lock:3:1: PIOT_TOML: invalid TOML: Invalid statement",
        "    hint: look at this place and right before it",
        "Cargo.toml:2:22: PIOT_PATH: gone has no Cargo.toml",
        "    hint: correct the path, or remove the member",
        'a/Cargo.toml:1:1: PIOT_MISSING_KEY: [package]: "name" is missing',
        '    hint: add name = "NAME"',
        'a/Cargo.toml:2:1: PIOT_CRATES_WORKSPACE_VERSION_MISMATCH: [package]: "version" is the workspace\'s, '
        "but Cargo.toml has no [workspace.package] with a version",
        '    hint: write "version" into [workspace.package] of the root manifest, or here',
        'a/Cargo.toml:5:1: PIOT_MISSING_KEY: "serd" is the workspace\'s,'
        " but [workspace.dependencies] has none",
        '    hint: did you mean "serde"?',
        'a/Cargo.toml:6:6: PIOT_PATH: "up" is a path that leaves the repository',
        "    hint: move the crate into the repository, or depend on it by git or version",
        'a/Cargo.toml:7:6: PIOT_PATH: "no": no has no Cargo.toml',
        "    hint: correct the path, or add the crate",
        "b/Cargo.toml:2:10: PIOT_TOML: invalid TOML: Illegal character '\\n'",
        "    hint: look at this place and right before it",
        "c/Cargo.toml:1:1: PIOT_PATH: the crate is not a member of its workspace, Cargo.toml",
        "    hint: add it to the members or to exclude of Cargo.toml",
        "d/Cargo.toml:1:1: PIOT_PATH: there is neither a [package] nor a [workspace]",
        "    hint: write one of them",
    ]


def test_a_version_without_a_workspace_to_inherit_from_is_a_problem() -> None:
    with pytest.raises(Problems) as wrong:
        only_crate({"Cargo.toml": '[package]\nname = "a"\nversion = { workspace = true }\n'})
    assert str(wrong.value) == (
        'Cargo.toml:3:11: PIOT_CRATES_WORKSPACE_VERSION_MISMATCH: [package]: "version" is the workspace\'s, '
        "but there is none\n"
        '    hint: write "version" into [workspace.package] of the root manifest, or here'
    )


def test_a_python_project_is_read() -> None:
    text = (EXAMPLE / "packages/python/pyproject.toml").read_text(encoding="utf-8")
    found = read_pyproject(text, "packages/python/pyproject.toml")
    assert (found.directory, found.name, found.version) == ("packages/python", "rakelet", None)
    assert (found.dynamic, found.requires_python, found.build_backend) == (("version",), ">=3.9", "maturin")
    assert found.crate_directory == "packages/python"
    assert found.maturin is not None
    assert (found.maturin.module_name, found.maturin.python_source) == ("rakelet._core", "python")
    assert found.maturin.features == ("pyo3/extension-module",)


def test_maturin_settings_are_read() -> None:
    text = (
        '[project]\nname = "x"\nversion = "1"\nrequires-python = ""\n[tool.maturin]\nbindings = "bin"\n'
        'strip = true\ninclude = ["a", { path = "b", format = "sdist" }]\n'
        'manifest-path = "../c/Cargo.toml"\nprofile = "dist"\n'
    )
    found = read_pyproject(text, "pyproject.toml")
    assert (found.directory, found.requires_python, found.crate_directory) == (".", "", "../c")
    assert found.maturin is not None and found.maturin.interpreter_free and found.maturin.strip
    assert (found.maturin.include, found.maturin.profile) == (("a", "b"), "dist")


def test_problems_of_a_python_project_have_places() -> None:
    with pytest.raises(Problems) as wrong:
        read_pyproject('[project]\nname = 1\n[tool.maturin]\nfeatures = "x"\n', "py/pyproject.toml")
    assert str(wrong.value) == (
        'py/pyproject.toml:2:8: PIOT_TYPE: [project]: "name" is an integer\n    hint: a string is wanted\n'
        'py/pyproject.toml:4:12: PIOT_TYPE: [tool.maturin]: "features" is a string\n'
        "    hint: an array is wanted"
    )


def test_what_can_be_read_of_manifests_is_there_beside_problems() -> None:
    files = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b", "gone"]\n',
        "a/Cargo.toml": package("a"),
        "b/Cargo.toml": "[",
        "Cargo.lock": "[",
    }
    (found,), wrong = workspaces_as_far(files.get, sorted(files), [".", "a", "b"])
    assert (list(found.members), found.lock) == (["a"], None)
    assert [each.path for each in wrong] == ["b/Cargo.toml", "Cargo.lock", "Cargo.toml"]
    project, problems = pyproject_as_far('[project]\nname = "x"\nversion = 1\n', "p/pyproject.toml")
    assert (project.directory, project.name, project.version) == ("p", "x", "")
    assert [(each.line, each.code) for each in problems] == [(3, "PIOT_TYPE")]
