"""What discovery makes of manifests, file by file."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from piot.inspect.discover.discover import Discovery, discover
from piot.inspect.discover.facts import Facts
from piot.load.manifests import read_workspaces
from piot.model.package import NpmSettings, Package, PypiSettings

LIBRARY = '[package]\nname = "NAME"\nversion = "0.1.0"\nlicense = "MIT"\ndescription = "x"\n'


def crate(name: str, more: str = "") -> str:
    return LIBRARY.replace("NAME", name) + more


def project(backend: str, more: str = "") -> str:
    system = f'[build-system]\nbuild-backend = "{backend}"\n'
    return f'[project]\nname = "p"\nversion = "1.0.0"\nlicense = "MIT"\n{system}{more}'


def found(texts: Mapping[str, str], tags: tuple[str, ...] = ()) -> Discovery:
    """What discovery says of a repository with these files."""
    files = tuple(sorted(texts))
    folders = [path.rpartition("/")[0] or "." for path in files if path.endswith("Cargo.toml")]
    workspaces = read_workspaces(texts.get, files, folders)
    return discover(Facts(files=files, read=texts.get, workspaces=workspaces, tags=tags))


def only(texts: Mapping[str, str], tags: tuple[str, ...] = ()) -> Package:
    (package,) = found(texts, tags).packages
    return package


def reasons(texts: Mapping[str, str]) -> dict[str, str]:
    return {each.name: each.reason for each in found(texts).left_out}


# crates


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (
            crate("a").replace('"0.1.0"', '"0.0.0"'),
            "its version is 0.0.0; `publish = false` in it would say that it stays here",
        ),
        (crate("a").replace("description", "keywords"), "it has no description, which crates.io asks for"),
        (crate("a").replace("license", "readme"), "it has no license, which crates.io asks for"),
        (
            crate("a", '[lib]\ncrate-type = ["cdylib"]\n'),
            "its library is for other languages only; `publish = false` in it would say so",
        ),
    ],
)
def test_crates_that_crates_io_would_refuse_or_nobody_could_use_are_left_out(
    manifest: str, reason: str
) -> None:
    assert reasons({"Cargo.toml": manifest, "src/lib.rs": ""}) == {"a": reason}


def test_folders_that_no_label_can_name_are_left_out() -> None:
    texts = {
        "my crates/a/Cargo.toml": crate("a"),
        "my crates/a/src/lib.rs": "",
        "bücher/b+c/Cargo.toml": crate("b"),
        "bücher/b+c/src/lib.rs": "",
    }
    assert [each.path for each in found(texts).packages] == ["bücher/b+c"]
    assert reasons(texts) == {"a": "its folder has characters that labels of targets cannot have: space"}


def test_what_is_kept_back_is_no_news() -> None:
    texts = {
        "Cargo.toml": '[workspace]\nmembers = ["a", "b"]\n',
        "a/Cargo.toml": crate("a"),
        "a/src/lib.rs": "",
        "b/Cargo.toml": crate("b", "publish = false\n"),
        "b/src/lib.rs": "",
        "examples/x/package.json": json.dumps({"name": "x", "version": "1.0.0"}),
        "site/package.json": json.dumps({"name": "site", "version": "1.0.0"}),
        "ui/package.json": json.dumps({"name": "ui", "version": "1.0.0", "private": True}),
        "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
    }
    assert [each.name for each in found(texts).packages] == ["a"]
    assert found(texts).left_out == ()


def test_description_and_licence_may_be_the_workspaces() -> None:
    texts = {
        "Cargo.toml": (
            '[workspace]\nmembers = ["a"]\n[workspace.package]\nlicense = "MIT"\n'
            'description = "x"\nversion = "1.0.0"\n'
        ),
        "a/Cargo.toml": (
            '[package]\nname = "a"\nversion.workspace = true\n'
            "license.workspace = true\ndescription.workspace = true\n"
        ),
        "a/src/lib.rs": "",
    }
    assert only(texts).name == "a"


# paths and dependencies

CHAIN = {
    "Cargo.toml": '[workspace]\nmembers = ["core", "glue", "tool"]\n',
    "core/Cargo.toml": crate("core"),
    "core/src/lib.rs": "",
    "glue/Cargo.toml": crate("glue", 'publish = false\n[dependencies]\ncore = { path = "../core" }\n'),
    "glue/src/lib.rs": "",
    "tool/Cargo.toml": crate("tool", '[dependencies]\nglue = { path = "../glue" }\n'),
    "tool/src/main.rs": "",
}


def test_crates_in_between_belong_to_the_package_and_others_are_depended_on() -> None:
    core, tool = found(CHAIN).packages
    assert (core.name, core.paths, core.depends_on) == ("core", ("core/**",), ())
    assert (tool.name, tool.paths, tool.depends_on) == ("tool", ("glue/**", "tool/**"), ("core",))


def test_what_is_only_for_tests_makes_no_dependency() -> None:
    texts = {
        **CHAIN,
        "core/Cargo.toml": crate("core", '[dev-dependencies]\ntool = { path = "../tool" }\n'),
    }
    assert found(texts).packages[0].depends_on == ()


def test_a_package_in_the_root_leaves_out_what_is_of_others() -> None:
    texts = {
        "Cargo.toml": crate("top", '[workspace]\nmembers = ["xtask", "inner"]\n'),
        "src/lib.rs": "",
        "xtask/Cargo.toml": crate("xtask", "publish = false\n"),
        "xtask/src/main.rs": "",
        "inner/Cargo.toml": crate("inner"),
        "inner/src/lib.rs": "",
        "py/pyproject.toml": project("hatchling.build").replace('"p"', '"top"'),
    }
    packages = {each.name: each for each in found(texts).packages}
    assert packages["top"].paths == (
        *("**", "!.github/**", "!docs/**", "!putitoutthere.toml"),
        *("!inner/**", "!py/**", "!xtask/**"),
    )
    assert set(packages) == {"top", "inner", "top-py"}


def test_npm_packages_that_need_each_other_do_not_wait_for_each_other() -> None:
    texts = {
        f"{one}/package.json": json.dumps({"name": one, "version": "1.0.0", "dependencies": {other: "*"}})
        for one, other in (("a", "b"), ("b", "a"))
    } | {"a/index.js": "", "b/index.js": ""}
    packages = found(texts).packages
    assert sorted(len(each.depends_on) for each in packages) == [0, 1]


# names and tags


def test_a_name_that_two_registries_have_gets_an_ending_but_for_the_crate() -> None:
    texts = {
        "rs/Cargo.toml": crate("words"),
        "rs/src/lib.rs": "",
        "py/pyproject.toml": project("hatchling.build").replace('"p"', '"words"'),
        "js/package.json": json.dumps({"name": "@me/words", "version": "1.0.0"}),
        "js/index.js": "",
    }
    names = {each.name: each.registry_name for each in found(texts).packages}
    assert names == {"words": "words", "words-py": "words", "me-words": "@me/words"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((), "{name}-v{version}"),
        (("a-v0.1.0", "a-v0.2.0"), "{name}-v{version}"),
        (("a@1.0.0",), "{name}@{version}"),
        (("a/v1.0.0-rc.1",), "{name}/v{version}"),
        (("v0.3.0",), "v{version}"),
        (("0.3.0",), "{version}"),
        (("nightly", "v2"), "{name}-v{version}"),
        (("other-v1.0.0",), "{name}-v{version}"),
    ],
)
def test_tags_that_are_there_say_how_tags_are_written(tags: tuple[str, ...], expected: str) -> None:
    assert only({"Cargo.toml": crate("a"), "src/lib.rs": ""}, tags).tag_format == expected


def test_one_version_for_all_is_noticed() -> None:
    texts = {"a/Cargo.toml": crate("a"), "a/src/lib.rs": "", "b/Cargo.toml": crate("b"), "b/src/lib.rs": ""}
    shared = found(texts, ("v0.9.0", "v0.10.0"))
    assert shared.shared_tag == "v0.10.0"
    assert [each.baseline_tags for each in shared.packages] == [("v{version}",)] * 2
    assert found(texts, ("a-v0.9.0",)).shared_tag is None


WORKSPACE = (
    '[workspace]\nmembers = ["*"]\n[workspace.package]\nversion = "1.2.0"\n'
    'license = "MIT"\ndescription = "x"\n'
)
INHERITED = (
    '[package]\nname = "NAME"\nversion.workspace = true\n'
    "license.workspace = true\ndescription.workspace = true\n"
)
SHARING = {"Cargo.toml": WORKSPACE} | {
    path: text
    for name in ("words-core", "words-cli")
    for path, text in {
        f"{name}/Cargo.toml": INHERITED.replace("NAME", name),
        f"{name}/src/lib.rs": "",
    }.items()
}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [((), "{name}-v{version}"), (("v1.2.0",), "v{version}"), (("words-v1.0.0",), "{name}-v{version}")],
)
def test_crates_that_share_a_version_in_one_place_are_released_with_one(
    tags: tuple[str, ...], expected: str
) -> None:
    packages = found(SHARING, tags).packages
    assert {each.version_group for each in packages} == {"words"}
    assert {each.tag_format for each in packages} == {expected}
    assert {each.first_version for each in packages} == {"0.1.0" if tags else "1.2.0"}


def test_who_has_a_version_of_its_own_is_in_no_group() -> None:
    texts = {**SHARING, "own/Cargo.toml": crate("own"), "own/src/lib.rs": ""}
    assert {each.name: each.version_group for each in found(texts).packages} == {
        "own": None,
        "words-cli": "words",
        "words-core": "words",
    }


@pytest.mark.parametrize(
    ("version", "tags", "first"),
    [("1.4.0", (), "1.4.0"), ("1.4.0", ("a-v1.4.0",), "0.1.0"), ("1.4.0-rc.1", (), "0.1.0")],
)
def test_what_was_never_released_begins_with_the_version_of_its_manifest(
    version: str, tags: tuple[str, ...], first: str
) -> None:
    text = crate("a").replace("0.1.0", version)
    assert only({"Cargo.toml": text, "src/lib.rs": ""}, tags).first_version == first


# Python


@pytest.mark.parametrize(
    ("texts", "build", "platforms"),
    [
        ({"pyproject.toml": project("hatchling.build")}, "hatch", False),
        ({"pyproject.toml": project("setuptools.build_meta")}, "setuptools", False),
        ({"pyproject.toml": '[project]\nname = "p"\nversion = "1"\n', "setup.py": ""}, "setuptools", False),
        (
            {"pyproject.toml": project("setuptools.build_meta"), "setup.py": "setup(ext_modules=[])"},
            "setuptools",
            True,
        ),
        (
            {"pyproject.toml": project("setuptools.build_meta", "[tool.setuptools-rust]\n")},
            "setuptools",
            True,
        ),
        (
            {"pyproject.toml": project("maturin"), "Cargo.toml": crate("p", "publish = false\n")},
            "maturin",
            True,
        ),
    ],
)
def test_the_back_end_decides_how_and_extensions_for_which_platforms(
    texts: dict[str, str], build: str, platforms: bool
) -> None:
    settings = only({**texts, "src/lib.rs": ""}).settings
    assert isinstance(settings, PypiSettings)
    assert (settings.build, bool(settings.targets)) == (build, platforms)


def test_other_back_ends_are_named() -> None:
    texts = {"pyproject.toml": project("poetry.core.masonry.api")}
    assert reasons(texts) == {"p": "piot builds with maturin, hatch and setuptools, not with poetry"}


def test_a_project_that_pypi_would_refuse_is_no_news() -> None:
    private = project("hatchling.build").replace(
        'version = "1.0.0"', 'version = "1.0.0"\nclassifiers = ["Private :: Do Not Upload"]'
    )
    assert found({"pyproject.toml": private}) == Discovery(packages=())


LAUNCHERS = {
    "execv beside": 'import os\nos.execv(str(Path(__file__).with_name("_bin") / "tool"), [])\n',
    "run": 'import subprocess\nsubprocess.run([Path(__file__).parent / "_bin" / ("tool" + suffix)])\n',
    "os.path": 'import os\nos.execv(os.path.join(here, "_bin", "tool.exe"), [])\n',
}


@pytest.mark.parametrize("text", LAUNCHERS.values(), ids=LAUNCHERS)
def test_an_entry_point_that_starts_a_program_is_one_in_the_wheel(text: str) -> None:
    texts = {
        "Cargo.toml": '[workspace]\nmembers = ["cli", "py"]\n',
        "cli/Cargo.toml": crate("tool", "publish = false\n"),
        "cli/src/main.rs": "",
        "py/Cargo.toml": crate("p-ext", "publish = false\n"),
        "py/src/lib.rs": "",
        "py/pyproject.toml": project(
            "maturin", '[project.scripts]\ntool = "p._run:main"\n[tool.maturin]\npython-source = "python"\n'
        ),
        "py/python/p/_run.py": text,
    }
    package = only(texts)
    assert isinstance(package.settings, PypiSettings)
    cli = package.settings.bundle_cli
    assert cli is not None
    assert (cli.bin, cli.stage_to, cli.crate_path) == ("tool", "python/p/_bin", "cli")
    assert package.paths == ("cli/**", "py/**")
    assert found(texts).remarks == {
        "p": ("py/python/p/_run.py starts the program tool out of the wheel: check bundle_cli",)
    }


@pytest.mark.parametrize("text", ["def main(): ...\n", 'NAME = "tool"\n', "def main(:\n"])
def test_other_entry_points_are_only_python(text: str) -> None:
    texts = {
        "Cargo.toml": crate("tool", "publish = false\n"),
        "src/main.rs": "",
        "pyproject.toml": project("maturin", '[project.scripts]\ntool = "p:main"\n'),
        "p.py": text,
    }
    settings = only(texts).settings
    assert isinstance(settings, PypiSettings)
    assert settings.bundle_cli is None


def test_a_licence_that_is_missing_is_said() -> None:
    unlicensed = project("hatchling.build").replace('license = "MIT"', "")
    texts = {"pyproject.toml": unlicensed, "js/package.json": npm("n", license=""), "js/index.js": ""}
    assert found(texts).remarks == {
        "p": ("p has no licence: add license to [project] in its pyproject.toml",),
        "n": ("n has no licence: add license to its package.json",),
    }


# npm


def npm(name: str = "n", **more: object) -> str:
    return json.dumps({"name": name, "version": "1.0.0", "license": "MIT", **more})


TOOL = {"cli/Cargo.toml": crate("tool", "publish = false\n"), "cli/src/main.rs": ""}
ADDON = {"Cargo.toml": crate("addon", "publish = false\n"), "src/lib.rs": ""}


@pytest.mark.parametrize(
    ("texts", "modes"),
    [
        ({"package.json": npm(), "index.js": ""}, []),
        ({"package.json": npm(scripts={"build": "tsc"}, bin="dist/n.js"), "n.ts": "", **TOOL}, []),
        ({"package.json": npm(napi={"binaryName": "n"}), **ADDON}, ["napi {name}-{triple}"]),
        ({"package.json": npm(devDependencies={"@napi-rs/cli": "^3"}), **ADDON}, ["napi {name}-{triple}"]),
        ({"package.json": npm(), **TOOL}, ["bundled-cli {name}-{triple}"]),
        ({"package.json": npm(bin={"tool": "run.js"}), **TOOL}, ["bundled-cli {name}-{triple}"]),
        (
            {"package.json": npm("@s/n", optionalDependencies={"@s/cli-linux-x64-gnu": "1.0.0"}), **TOOL},
            ["bundled-cli @s/cli-{triple}"],
        ),
        (
            {"package.json": npm(napi={}, bin="run.js"), **ADDON, **TOOL},
            ["napi {name}-{triple}", "bundled-cli {name}-cli-{triple}"],
        ),
    ],
)
def test_what_an_npm_package_carries_follows_from_its_manifest(
    texts: dict[str, str], modes: list[str]
) -> None:
    settings = only(texts).settings
    assert isinstance(settings, NpmSettings)
    assert [f"{each.mode} {each.name}" for each in settings.build] == modes
    assert bool(settings.targets) == bool(modes)


def test_platforms_are_those_that_napi_is_told() -> None:
    texts = {"package.json": npm(napi={"targets": ["aarch64-apple-darwin", "nonsense"]}), **ADDON}
    assert [each.written for each in only(texts).targets] == ["aarch64-apple-darwin"]


def test_packages_of_platforms_are_made_and_not_configured() -> None:
    texts = {
        "package.json": npm(napi={}),
        **ADDON,
        "npm/darwin-arm64/package.json": npm("n-darwin-arm64", os=["darwin"], cpu=["arm64"]),
    }
    assert [each.name for each in found(texts).packages] == ["n"]
    assert reasons(texts) == {
        "n-darwin-arm64": "it is the package of darwin-arm64 of a family, which piot makes itself"
    }


def test_code_of_private_workspaces_belongs_to_what_uses_it() -> None:
    texts = {
        "package.json": json.dumps({"name": "root", "private": True, "workspaces": ["*"]}),
        "a/package.json": npm("a", devDependencies={"shared": "*"}, dependencies={"b": "*"}),
        "a/index.js": "",
        "b/package.json": npm("b"),
        "b/index.js": "",
        "shared/package.json": json.dumps({"name": "shared", "private": True}),
    }
    packages = {each.name: each for each in found(texts).packages}
    assert packages["a"].paths == ("a/**", "shared/**")
    assert packages["a"].depends_on == ("b",)
