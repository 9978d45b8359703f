"""Plain npm packages and a program in npm packages: built from the checkout alone, installed and run."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js with npm"),
]


def copied(name: str, folder: Path, environment: Mapping[str, str]) -> Path:
    """A clone of one of the small projects."""
    target = folder / name
    shutil.copytree(ROOT / "tests/projects" / name, target)
    commit_all(target, environment)
    return target


def installed(folder: Path, environment: Mapping[str, str], *tarballs: Path) -> Path:
    """A fresh folder that the real npm has installed the packages into, without network."""
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}')
    npm = ("npm", "install", "--offline", "--no-audit", "--no-fund")
    run(*npm, *tarballs, cwd=folder, env={**environment, "HOME": str(folder / "home")})
    return folder / "node_modules/.bin"


def digests(
    piot: Piot, cwd: Path, *words: str, env: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    targets = piot("build", "//...", "--json", *words, cwd=cwd, env=env).targets
    return {each["path"]: each["sha256"] for target in targets.values() for each in target["outputs"]}


def test_a_workspace_is_built_alike_in_two_clones_and_stores(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    first = copied("npm_plain", tmp_path, environment)
    second = copied("npm_plain", tmp_path / "other", environment)
    found = digests(piot, first, "--sandbox", "dir")
    assert set(found) == {"dist/example-colours-0.1.0.tgz", "dist/hello-example-0.1.0.tgz"}
    assert found == digests(piot, second, env={"PIOT_CACHE_DIR": str(tmp_path / "cache")})
    with tarfile.open(first / "dist/hello-example-0.1.0.tgz") as archive:
        stream = archive.extractfile("package/dist/sample.txt")
        assert stream is not None and stream.read() == b"\x1b[31mhello\x1b[39m\n"


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("npm_plain", ["require @example/colours: works", "hello-example --version: works"]),
        ("npm_cli", ["greet --version: works", "hello --version: works"]),
    ],
)
def test_smoke_tests_install_packages_load_them_and_start_their_programs(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str], project: str, said: list[str]
) -> None:
    clone = copied(project, tmp_path, environment)
    done = piot("test", "//...", "-v", "--force", cwd=clone)
    assert sorted(line for line in done.stderr.splitlines() if line.endswith(": works")) == sorted(said)
    assert piot("test", "//...", cwd=clone).ran == []


SEEN = b"""\
module.exports = {
  "app gets react": "18.3.1",
  "app gets number": "7.0.0",
  "app gets ms": "2.0.0",
  "base gets react": "17.0.2",
  "odd gets is-number": "6.0.0",
  "peer of app": "18.3.1"
};
// made by a tool that sees ms 2.1.3
"""
"""What the packages of both projects see, as their lock files have it."""


@pytest.mark.parametrize("manager", ["pnpm", "yarn@1.22.22", "bun@1.4.5"])
def test_lock_files_of_other_tools_are_installed_alike_in_two_clones_and_stores(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str], manager: str
) -> None:
    """Also B44: the lock file stands at the root of the workspace, and is found from its packages."""
    name = "npm_pnpm" if manager == "pnpm" else "npm_yarn"
    clones = copied(name, tmp_path, environment), copied(name, tmp_path / "other", environment)
    for clone in clones:
        manifest = clone / "package.json"
        manifest.write_text(manifest.read_text().replace("yarn@1.22.22", manager))
    found = digests(piot, clones[0], "--sandbox", "dir")
    assert set(found) == {"dist/example-app-0.1.0.tgz", "dist/example-base-0.2.0.tgz"}
    assert found == digests(piot, clones[1], env={"PIOT_CACHE_DIR": str(tmp_path / "cache")})
    assert packed(clones[0] / "dist/example-app-0.1.0.tgz", "dist/index.js") == SEEN
    about = json.loads(packed(clones[0] / "dist/example-app-0.1.0.tgz", "package.json"))
    assert about["dependencies"]["@example/base"] == "^0.2.0"
    assert about["dependencies"]["ms"] == "~2.0.0"
    assert about["devDependencies"]["tool"] == "0.0.0"
    assert not (clones[0] / "node_modules").exists()


def test_yarn_4_is_installed_by_what_piot_lock_learns_of_the_registry(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    clones = copied("npm_yarn", tmp_path, environment), copied("npm_yarn", tmp_path / "other", environment)
    for clone in clones:
        manifest = clone / "package.json"
        manifest.write_text(manifest.read_text().replace("yarn@1.22.22", "yarn@4.18.1"))
        (clone / "yarn4.lock").replace(clone / "yarn.lock")
    refused = piot("build", "//...", cwd=clones[0], ok=False)
    assert (refused.code, refused.ran) == (3, [])
    assert "neither it nor piot.lock has the integrity that a registry tells of" in refused.text
    assert "run `piot lock` and commit piot.lock" in refused.text
    for clone in clones:
        assert "ms (yarn.lock) (not pinned) -> 2.1.3" in piot("lock", "app", cwd=clone).stdout
    assert (clones[0] / "piot.lock").read_bytes() == (clones[1] / "piot.lock").read_bytes()
    assert piot("lock", "app", cwd=clones[0]).stdout == ""
    found = digests(piot, clones[0], "--sandbox", "dir")
    assert found == digests(piot, clones[1], env={"PIOT_CACHE_DIR": str(tmp_path / "cache")})
    assert packed(clones[0] / "dist/example-app-0.1.0.tgz", "dist/index.js") == SEEN


def test_a_planned_version_reaches_who_asks_for_it_through_the_workspace(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    clone = copied("npm_pnpm", tmp_path, environment)
    piot("build", "app", "--set-version", "base=4.0.0", cwd=clone)
    about = json.loads(packed(clone / "dist/example-app-0.1.0.tgz", "package.json"))
    assert about["dependencies"]["@example/base"] == "^4.0.0"


def test_what_is_wrong_with_lock_files_is_refused_before_anything_is_built(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    clone = copied("npm_yarn", tmp_path, environment)
    manifest = clone / "package.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('  "packageManager": "yarn@1.22.22",\n', ""))
    result = piot("build", "//...", cwd=clone, ok=False)
    assert (result.code, result.ran) == (3, [])
    assert "yarn.lock and bun.lock stand beside each other, and nothing says which counts" in result.text
    manifest.write_text(text.replace("3.0.1", "3.0.0"))
    result = piot("build", "//...", cwd=clone, ok=False)
    assert (result.code, result.ran) == (3, [])
    assert "it is out of date: package.json asks for is-odd 3.0.0, which is not in it" in result.text
    assert "run `yarn install` and commit yarn.lock" in result.text


def packed(path: Path, member: str) -> bytes:
    """One file of a package."""
    with tarfile.open(path) as archive:
        stream = archive.extractfile(f"package/{member}")
        assert stream is not None
        return stream.read()


VERSION = "2.0.0"


@pytest.fixture(scope="module")
def cli(piot: Piot, tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """A clone in which both families are built for this machine, one with a planned version."""
    clone = copied("npm_cli", tmp_path_factory.mktemp("npm"), environment)
    piot("build", "greet-example", "scoped", "--set-version", f"greet-example={VERSION}", cwd=clone)
    return clone


@pytest.mark.parametrize(
    ("prefix", "command", "version"),
    [("greet-example", "greet", VERSION), ("example-greet", "hello", "0.1.0")],
)
def test_a_program_is_installed_by_npm_and_started_by_its_launcher(
    cli: Path, tmp_path: Path, environment: Mapping[str, str], prefix: str, command: str, version: str
) -> None:
    programs = installed(tmp_path / "fresh", environment, *(cli / "dist").glob(f"{prefix}*.tgz"))
    done = subprocess.run(
        [programs / command, "a", "b c"], input="said\n", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.endswith(" a,b c said\n") and done.stdout.startswith("greet ")
    if prefix == "greet-example":
        assert done.stdout.startswith(f"greet {version} ")


def test_without_the_platform_package_the_launcher_says_how_to_get_it(
    cli: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    programs = installed(tmp_path / "fresh", environment, cli / f"dist/greet-example-{VERSION}.tgz")
    done = subprocess.run([programs / "greet"], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 1
    assert "npm install greet-example-x86_64-unknown-linux-" in done.stderr


def test_the_umbrella_names_its_own_family_and_leaves_others_alone(cli: Path) -> None:
    """B36: packages of dropped targets are taken out, other packages stay."""
    with tarfile.open(cli / f"dist/greet-example-{VERSION}.tgz") as archive:
        stream = archive.extractfile("package/package.json")
        assert stream is not None
        manifest = json.loads(stream.read())
    assert manifest["optionalDependencies"] == {
        "greet-example-aarch64-unknown-linux-gnu": VERSION,
        "greet-example-x86_64-unknown-linux-gnu": VERSION,
        "greet-example-x86_64-unknown-linux-musl": VERSION,
        "other-package": "*",
    }
    assert manifest["bin"] == {"greet": "bin/greet.cjs"}


def test_everything_that_is_wrong_is_refused_at_once_before_anything_is_built(
    piot: Piot, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """A platform, a program, a feature, a lock file and a manifest, read at five different times."""
    clone = copied("npm_cli", tmp_path, environment)
    config = clone / "putitoutthere.toml"
    text = config.read_text().replace('"darwin-arm64"', '"darwin-amd64"', 1)
    bundled = 'bundle_cli = { bin = "greet"'
    config.write_text(text.replace(bundled, 'bundle_cli = { features = ["loud"], bin = "gret"', 1))
    (clone / "scoped/package.json").write_text('{"version": "1.0"}')
    manifest = clone / "greet/Cargo.toml"
    manifest.write_text(f'{manifest.read_text()}\n[dependencies]\nlog = "0.4"\n')
    result = piot("build", "//...", cwd=clone, ok=False)
    assert (result.code, result.stdout, result.ran) == (3, "", [])
    assert result.stderr == WRONG
    assert not (clone / "dist").exists()


WRONG = """\
putitoutthere.toml:4:1: PIOT_RULE: //greet:crate: Cargo.lock is out of date: greet/Cargo.toml asks for log 0.4
    hint: run `cargo update --workspace`, and commit the file
putitoutthere.toml:10:1: PIOT_RULE: //npm:cli asks for the binary "gret", which \
greet/Cargo.toml does not declare
    hint: its binaries are greet
putitoutthere.toml:10:1: PIOT_RULE: //npm:cli asks for the feature "loud", which \
greet/Cargo.toml does not have
    hint: it has no features
putitoutthere.toml:10:1: PIOT_RULE: //npm:cli: Cargo.lock is out of date: greet/Cargo.toml asks for log 0.4
    hint: run `cargo update --workspace`, and commit the file
putitoutthere.toml:20:1: PIOT_RULE: //scoped:cli: Cargo.lock is out of date: greet/Cargo.toml asks for log 0.4
    hint: run `cargo update --workspace`, and commit the file
putitoutthere.toml:28:48: PIOT_TRIPLE: package "scoped": unknown triple "darwin-amd64"
    hint: did you mean "darwin-arm64" or "darwin-x64"?
scoped/package.json: PIOT_MISSING_KEY: there is no "name"
    hint: add "name": "…"
scoped/package.json: PIOT_VALUE: "version" is "1.0", which is no version of npm
    hint: write three numbers, as "0.1.0"

error: 8 problems found
"""
