"""Planned versions reach every place that holds them, and change nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from piot.errors import InputError
from piot.load.manifests import read_workspaces
from piot.model.package import BundleCli, CratesSettings, NpmSettings, Package, PypiSettings
from piot.model.stamp import stamp

FILES = {
    "Cargo.toml": """\
[workspace]
members = ["core", "py", "node", "cli"]
[workspace.package]
version = "0.1.0" # shared
[workspace.dependencies]
core = { path = "core", version = "^0.1" }
serde = { version = "0.1.0" }
""",
    "core/Cargo.toml": """\
[ package ]
name = 'core'
version = '0.1.0'   # keep
description = "version = '0.1.0'"
[dependencies]
serde = "0.1.0"
""",
    "py/Cargo.toml": """\
package.name = "py"
package.version = "0.1.0"

[dependencies.core]
path = "../core"
version = "0.1"
[target.'cfg(unix)'.dev-dependencies.renamed]
package = "core"
path = "../core/"
version = "=0.1.0"
""",
    "py/pyproject.toml": '[project]\nname = "py"\ndynamic = ["version"]\n[tool.maturin]\nfeatures = []\n',
    "node/Cargo.toml": '[package]\nname = "node"\nversion.workspace = true\n'
    "[dependencies]\ncore.workspace = true\n",
    "node/package.json": '{\n\t"name": "n",\n\t"version": "0.0.0"\n}\n',
    "cli/Cargo.toml": """\
[package]
name = "cli"
version.workspace = true
[dependencies]
core = { version = ">=0.1, <0.3", path = "../core" } # two
[build-dependencies]
core = { version = "~0.1.0", path = "../core" }
[dev-dependencies]
core = "0.1.0"
""",
    "Cargo.lock": """\
version = 4

[[package]]
name = "cli"
version = "0.1.0"
dependencies = [
 "core",
]

[[package]]
name = "core"
version = "0.1.0"

[[package]]
name = "node"
version = "0.1.0"
dependencies = [
 "core",
]

[[package]]
name = "py"
version = "0.1.0"
dependencies = [
 "core",
]
""",
}

CORE = Package(name="core-pkg", kind="crates", path="core", paths=(), settings=CratesSettings(crate="core"))
PY = Package(
    name="py-pkg", kind="pypi", path="py", paths=(), settings=PypiSettings(pypi="py", build="maturin")
)
NODE = Package(name="node-pkg", kind="npm", path="node", paths=(), settings=NpmSettings(npm="n"))
CLI = Package(name="cli-pkg", kind="crates", path="cli", paths=(), settings=CratesSettings(crate="cli"))


def stamped(
    versions: Mapping[str, str], *packages: Package, files: Mapping[str, str] | None = None
) -> dict[str, str]:
    texts = files or FILES
    workspaces = read_workspaces(texts.get, sorted(texts), ["core", "py", "node", "cli"])
    return stamp(texts, versions, packages=packages or (CORE, PY, NODE, CLI), workspaces=workspaces)


def edited(path: str, *pairs: tuple[str, str]) -> str:
    text = FILES[path]
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_a_crate_its_dependents_and_the_lock_follow() -> None:
    assert stamped({"core-pkg": "0.2.0"}) == {
        "core/Cargo.toml": edited("core/Cargo.toml", ("'0.1.0'   #", "'0.2.0'   #")),
        "py/Cargo.toml": edited("py/Cargo.toml", ('"0.1"', '"0.2.0"'), ('"=0.1.0"', '"=0.2.0"')),
        "cli/Cargo.toml": edited("cli/Cargo.toml", ('"~0.1.0"', '"~0.2.0"')),
        "Cargo.toml": edited("Cargo.toml", ("^0.1", "^0.2.0")),
        "Cargo.lock": edited("Cargo.lock", ('"core"\nversion = "0.1.0"', '"core"\nversion = "0.2.0"')),
    }


def test_every_crate_gets_its_own_version() -> None:
    files = {
        **FILES,
        "cli/Cargo.toml": FILES["cli/Cargo.toml"].replace("version.workspace = true", 'version = "0.1.0"'),
    }
    made = {**files, **stamped({"core-pkg": "0.2.0", "cli-pkg": "0.7.1"}, files=files)}
    assert "version = '0.2.0'   # keep" in made["core/Cargo.toml"]
    assert 'version = "0.7.1"' in made["cli/Cargo.toml"]
    assert made["py/Cargo.toml"].count('package.version = "0.1.0"') == 1
    assert 'name = "cli"\nversion = "0.7.1"' in made["Cargo.lock"]
    assert 'name = "core"\nversion = "0.2.0"' in made["Cargo.lock"]
    assert 'name = "py"\nversion = "0.1.0"' in made["Cargo.lock"]


def test_windows_line_ends_are_kept() -> None:
    windows = {path: text.replace("\n", "\r\n") for path, text in FILES.items()}
    plain = stamped({"core-pkg": "0.2.0"})
    assert stamped({"core-pkg": "0.2.0"}, files=windows) == {
        path: text.replace("\n", "\r\n") for path, text in plain.items()
    }


def test_a_wheel_takes_its_version_from_the_crate() -> None:
    assert stamped({"py-pkg": "1.3.0-rc.1"}) == {
        "py/Cargo.toml": edited("py/Cargo.toml", ('"0.1.0"\n\n', '"1.3.0-rc.1"\n\n')),
        "Cargo.lock": edited("Cargo.lock", ('"py"\nversion = "0.1.0"', '"py"\nversion = "1.3.0-rc.1"')),
    }


def test_a_static_python_version_is_spelled_for_python() -> None:
    files = {**FILES, "py/pyproject.toml": "[project]\nname = \"py\"\nversion = '0.0.0' # static\n"}
    changed = stamped({"py-pkg": "1.3.0-rc.1", "core-pkg": "0.1.0"}, files=files)
    assert changed["py/pyproject.toml"] == "[project]\nname = \"py\"\nversion = '1.3.0rc1' # static\n"


def test_crates_that_inherit_change_together_at_the_root() -> None:
    changed = stamped({"cli-pkg": "2.0.0", "node-pkg": "3.0.0"})
    assert changed == {
        "Cargo.toml": edited("Cargo.toml", ('"0.1.0" # shared', '"2.0.0" # shared')),
        "node/package.json": FILES["node/package.json"].replace("0.0.0", "3.0.0"),
        "Cargo.lock": edited(
            "Cargo.lock",
            ('"cli"\nversion = "0.1.0"', '"cli"\nversion = "2.0.0"'),
            ('"node"\nversion = "0.1.0"', '"node"\nversion = "2.0.0"'),
        ),
    }


def test_a_bundled_binary_has_the_version_of_its_only_bundler() -> None:
    bundle = BundleCli(bin="cli", crate_path="cli")
    npm = Package(
        name="n", kind="npm", path="node", paths=(), settings=NpmSettings(npm="n", bundle_cli=bundle)
    )
    assert '"4.0.0" # shared' in stamped({"n": "4.0.0"}, npm)["Cargo.toml"]


def test_bundlers_that_disagree_leave_the_binary_as_it_is() -> None:
    bundle = BundleCli(bin="cli", crate_path="core")
    settings = PypiSettings(pypi="py", build="maturin", bundle_cli=bundle)
    py = Package(name="p", kind="pypi", path="py", paths=(), settings=settings)
    npm = Package(
        name="n", kind="npm", path="node", paths=(), settings=NpmSettings(npm="n", bundle_cli=bundle)
    )
    assert "core/Cargo.toml" not in stamped({"n": "4.0.0", "p": "5.0.0"}, npm, py)


def test_versions_that_already_stand_there_change_nothing() -> None:
    assert stamped({"core-pkg": "0.1.0"}, files={**FILES, **stamped({"core-pkg": "0.1.0"})}) == {}
    assert stamped({}) == {}


SHARED = "[workspace.package] in Cargo.toml"


@pytest.mark.parametrize(
    ("versions", "files", "message"),
    [
        (
            {"core-pkg": "0.3.0"},
            {},
            'cli/Cargo.toml: the requirement ">=0.1, <0.3" on core does not accept 0.3.0\n\n'
            'hint: write "0.3.0", or a wider requirement',
        ),
        (
            {"cli-pkg": "2.0.0", "py-pkg": "3.0.0"},
            {"py/Cargo.toml": '[package]\nname = "py"\nversion = { workspace = true }\n'},
            f"py-pkg 3.0.0 and cli-pkg 2.0.0 need different versions in one place: {SHARED}\n\n"
            "hint: give each crate a version of its own, or release them with one version_group",
        ),
        (
            {"core-pkg": "1.0"},
            {},
            '"1.0" is not a version\n\nhint: write MAJOR.MINOR.PATCH, as in 1.2.3',
        ),
        (
            {"core-pkg": "1.0.0"},
            {"core/Cargo.toml": '[package]\nname = "core"\n'},
            'core/Cargo.toml: there is no version to replace\n\nhint: add version = "0.0.0" to its [package]',
        ),
        (
            {"py-pkg": "1.0.0"},
            {"py/pyproject.toml": '[tool.maturin]\nmanifest-path = "rust/Cargo.toml"\n'},
            "py-pkg: the version of py/pyproject.toml is dynamic, "
            "but py/rust has no crate to take it from\n\n"
            "hint: correct [tool.maturin] manifest-path, or add the Cargo.toml",
        ),
        (
            {"py-pkg": "1.0.0-1"},
            {},
            'a Python package cannot have the version "1.0.0-1" (PEP 440)\n\n'
            "hint: use alpha, beta, rc or dev with a number, as in 1.3.0-rc.1",
        ),
    ],
)
def test_what_cannot_be_stamped_is_an_error(
    versions: dict[str, str], files: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError) as wrong:
        stamped(versions, PY, CORE, CLI, files={**FILES, **files})
    assert str(wrong.value) == message


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (
            Package(name="x", kind="crates", path="no", paths=(), settings=CratesSettings(crate="x")),
            "x: no has no crate to write the version into",
        ),
        (
            Package(name="x", kind="npm", path="py", paths=(), settings=NpmSettings(npm="x")),
            "x: there is no py/package.json to write the version into",
        ),
    ],
)
def test_a_package_without_its_manifest_is_an_error(package: Package, message: str) -> None:
    with pytest.raises(InputError) as wrong:
        stamped({"x": "1.0.0"}, package)
    assert str(wrong.value) == message
