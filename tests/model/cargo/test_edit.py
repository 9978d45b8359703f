"""Workspaces cut for some members, and the layer forms of manifests and locks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.load.manifests import read_workspaces
from piot.model.cargo.edit import cut_members, layer_lock, layer_manifest
from piot.model.cargo.facts import Crate, Workspace
from piot.model.cargo.lockfile import pruned
from piot.model.package import CratesSettings, Package
from piot.model.stamp import stamp
from tests.support.rust import path_with_cargo

ROOT = """\
# the workspace
[workspace]
members = [ # globs
    "crates/*",
    "py",
]
default-members = ["py", "crates/c*"] # all
exclude = ["fuzz"]
resolver = "2"
"""


def test_members_that_are_not_kept_are_cut_and_nothing_else() -> None:
    assert cut_members(ROOT, ["py", "crates/core"]) == (
        "# the workspace\n"
        "[workspace]\n"
        'members = ["crates/core", "py"]\n'
        'default-members = ["crates/core", "py"] # all\n'
        'exclude = ["fuzz"]\n'
        'resolver = "2"\n'
    )


@pytest.mark.parametrize(
    ("text", "keep", "root", "expected"),
    [
        ('workspace.members = ["b", "./a"]', ["a", "b"], ".", 'workspace.members = ["b", "./a"]'),
        ('workspace.members = ["b", "./a"]', ["a"], ".", 'workspace.members = ["a"]'),
        (
            'workspace = { members = ["x", "../a"] }',
            ["rust", "a"],
            "rust",
            'workspace = { members = ["../a"] }',
        ),
        (
            '[workspace]\nmembers = ["a", "b"]\ndefault-members = [".", "b"]\n[package]\nname = "r"\n',
            [".", "a"],
            ".",
            '[workspace]\nmembers = ["a"]\ndefault-members = ["."]\n[package]\nname = "r"\n',
        ),
        (
            '[workspace]\nmembers = ["a", "b"]\ndefault-members = ["b"]\n',
            ["a"],
            ".",
            '[workspace]\nmembers = ["a"]\ndefault-members = ["a"]\n',
        ),
        ('[package]\nname = "r"\n[workspace]\n', ["."], ".", '[package]\nname = "r"\n[workspace]\n'),
    ],
)
def test_cutting_knows_every_way_to_write_members(
    text: str, keep: list[str], root: str, expected: str
) -> None:
    assert cut_members(text, keep, root=root) == expected


MEMBER = """\
[package]
name = "core"
version = "1.2.3"
edition = "2021"
description = "words"
readme = "README.md"
links = "z"
[lib]
crate-type = ["cdylib"]
doctest = false
[[bin]]
name = "x"
path = "x.rs"
required-features = ["f"]
[dependencies]
words = { path = "../words", version = "=1.2.3" }
regex = { version = "1", optional = true }
serde.workspace = true
[target.'cfg(unix)'.build-dependencies]
cc = "1"
[features]
f = ["dep:regex"]
[lints]
workspace = true
[profile.release]
lto = true
"""

LAYER = """\
bin = [{ name = "x", path = "x.rs" }]

[dependencies]
regex = { optional = true, version = "1" }
serde = { workspace = true }
words = { path = "../words" }

[features]
f = ["dep:regex"]

[lib]
crate-type = ["cdylib"]

[package]
edition = "2021"
links = "z"
name = "core"
version = "0.0.0"

[target]
"cfg(unix)" = { build-dependencies = { cc = "1" } }
"""


def test_the_layer_form_has_what_third_party_crates_can_notice() -> None:
    assert layer_manifest(MEMBER, is_root=False) == LAYER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "1.2.3"', "version.workspace = true"),
        ('"=1.2.3"', '"2"'),
        ('"words"', '"other words"'),
        ("[lints]\nworkspace = true\n", "# a comment\n"),
    ],
)
def test_what_a_release_changes_does_not_show_in_the_layer_form(old: str, new: str) -> None:
    assert MEMBER.replace(old, new) != MEMBER
    assert layer_manifest(MEMBER.replace(old, new), is_root=False) == LAYER


def test_the_layer_form_of_a_root_has_profiles_patches_and_shared_dependencies() -> None:
    root = ROOT + (
        '[workspace.package]\nversion = "3.0.0"\nedition = "2021"\nlicense = "MIT"\n'
        '[workspace.dependencies]\ncore = { path = "crates/core", version = "3.0.0" }\nserde = "1"\n'
        '[profile.dist]\ninherits = "release"\n'
        '[patch.crates-io]\nserde = { path = "fork" }\n'
    )
    assert layer_manifest(root, is_root=True, keep=["py"]) == (
        '[patch]\ncrates-io = { serde = { path = "fork" } }\n\n'
        '[profile]\ndist = { inherits = "release" }\n\n'
        '[workspace]\ndefault-members = ["py"]\n'
        'dependencies = { core = { path = "crates/core" }, serde = "1" }\n'
        'exclude = ["fuzz"]\nmembers = ["py"]\npackage = { edition = "2021" }\nresolver = "2"\n'
    )


VENDORED = {
    "alpha-1.0.0": ("alpha", "1.0.0", ""),
    "alpha-2.0.0": ("alpha", "2.0.0", ""),
    "beta-1.0.0": ("beta", "1.0.0", '[dependencies]\nalpha = "1"\n'),
    "gamma-1.0.0": ("gamma", "1.0.0", '[dependencies]\nbeta = { version = "1", optional = true }\n'),
}

REAL = {
    "Cargo.toml": '[workspace]\nresolver = "2"\nmembers = ["py", "cli", "crates/*"]\n'
    '[workspace.package]\nversion = "0.1.0"\nlicense = "MIT"\n'
    '[workspace.dependencies]\ncore = { path = "crates/core", version = "0.1.0" }\n'
    '[patch.crates-io]\nfork = { path = "fork" }\n',
    "fork/Cargo.toml": '[package]\nname = "fork"\nversion = "1.5.0"\n',
    "fork/src/lib.rs": "",
    "crates/core/Cargo.toml": '[package]\nname = "core"\nversion.workspace = true\nlicense.workspace = true\n'
    'edition = "2021"\n[dependencies]\nalpha = "1"\n',
    "crates/core/src/lib.rs": "",
    "py/Cargo.toml": '[package]\nname = "py"\nversion = "0.1.0"\nedition = "2021"\n'
    '[lib]\ncrate-type = ["cdylib"]\n'
    '[dependencies]\ncore.workspace = true\ngamma = "1"\n',
    "py/src/lib.rs": "",
    "cli/Cargo.toml": '[package]\nname = "cli"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n'
    'core = { path = "../crates/core", version = "=0.1.0" }\nalpha = "2"\nbeta = "1"\nfork = "1"\n',
    "cli/src/main.rs": "fn main() {}\n",
    "cli/build.rs": "fn main() {}\n",
}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory source with a few tiny crates, as ``cargo vendor`` makes one."""
    folder = tmp_path_factory.mktemp("vendor")
    for directory, (name, version, rest) in VENDORED.items():
        text = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n{rest}'
        write(folder / directory, {"Cargo.toml": text, "src/lib.rs": ""})
        files: dict[str, str] = {}
        checksum = {"files": files, "package": hashlib.sha256(directory.encode()).hexdigest()}
        (folder / directory / ".cargo-checksum.json").write_text(json.dumps(checksum))
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="")


def cargo(folder: Path, vendor: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    sources = '[source.crates-io]\nreplace-with = "v"\n[source.v]\ndirectory = '
    write(folder, {".cargo/config.toml": sources + json.dumps(str(vendor)) + "\n"})
    environment = {**os.environ, "PATH": path_with_cargo(), "CARGO_HOME": str(vendor.parent / "home")}
    command = ["cargo", *arguments, "--offline"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def locked_workspace(folder: Path, vendor: Path) -> tuple[dict[str, str], Workspace]:
    write(folder, REAL)
    assert cargo(folder, vendor, "generate-lockfile").returncode == 0
    files = {**REAL, "Cargo.lock": (folder / "Cargo.lock").read_text()}
    (workspace,) = read_workspaces(files.get, sorted(files), ["py", "cli", "crates/core"])
    return files, workspace


needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not on PATH")


@pytest.mark.e2e
@needs_cargo
@pytest.mark.parametrize("form", ["cut", "layer", "stamped"])
@pytest.mark.parametrize("directory", ["py", "cli", "crates/core"])
def test_cargo_takes_what_was_made_as_locked(tmp_path: Path, vendor: Path, directory: str, form: str) -> None:
    files, workspace = locked_workspace(tmp_path / "whole", vendor)
    if form == "stamped":
        package = Package(
            name="core", kind="crates", path="crates/core", paths=(), settings=CratesSettings(crate="core")
        )
        files |= stamp(files, {"core": "1.0.0"}, packages=[package], workspaces=[workspace])
    reach, keep = workspace.reach(directory), workspace.kept(directory)
    names = [crate.name for crate in reach]
    lock = pruned(files["Cargo.lock"], names, workspace.patches)
    staged = {path: text for path, text in files.items() if path.startswith("fork/")}
    staged |= {crate.manifest: files[crate.manifest] for crate in reach}
    staged["Cargo.toml"] = cut_members(files["Cargo.toml"], keep)
    if form == "layer":
        lock = layer_lock(lock, keep_names(workspace, keep))
        staged["Cargo.toml"] = layer_manifest(files["Cargo.toml"], is_root=True, keep=keep)
        for crate in reach:
            if crate.directory in keep:
                staged[crate.manifest] = layer_manifest(files[crate.manifest], is_root=False)
    staged |= {path: text for crate in reach for path, text in stubs(crate).items()}
    write(tmp_path / "staged", {**staged, "Cargo.lock": lock})
    done = cargo(tmp_path / "staged", vendor, "metadata", "--locked", "--format-version", "1")
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr
    (tmp_path / "staged/Cargo.lock").unlink()
    assert cargo(tmp_path / "staged", vendor, "generate-lockfile").returncode == 0
    assert (tmp_path / "staged/Cargo.lock").read_text() == lock


def stubs(crate: Crate) -> dict[str, str]:
    """The emptiest sources that cargo takes for the crate."""
    paths = [target.path for target in crate.binaries]
    paths += [crate.build_script] if crate.build_script is not None else []
    paths += [crate.library.path] if crate.library is not None else []
    return dict.fromkeys(paths, "fn main() {}\n")


def keep_names(workspace: Workspace, keep: tuple[str, ...]) -> list[str]:
    return [workspace.members[directory].name for directory in keep]


@pytest.mark.e2e
@needs_cargo
def test_a_feature_that_only_a_dropped_member_wants_needs_cargo_without_locked(
    tmp_path: Path, vendor: Path
) -> None:
    more = {
        **REAL,
        "cli/Cargo.toml": REAL["cli/Cargo.toml"] + 'gamma = { version = "1", features = ["beta"] }\n',
    }
    write(tmp_path, more)
    assert cargo(tmp_path, vendor, "generate-lockfile").returncode == 0
    (workspace,) = read_workspaces({**more}.get, sorted(more), ["py"])
    lock = pruned((tmp_path / "Cargo.lock").read_text(), ["py", "core"], workspace.patches)
    write(tmp_path, {"Cargo.toml": cut_members(more["Cargo.toml"], workspace.kept("py")), "Cargo.lock": lock})
    assert cargo(tmp_path, vendor, "metadata", "--locked", "--format-version", "1").returncode != 0
    assert cargo(tmp_path, vendor, "metadata", "--format-version", "1").returncode == 0
    assert '"beta"' not in (tmp_path / "Cargo.lock").read_text()
