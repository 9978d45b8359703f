"""What the real cargo and npm publish to loopback registries is found there by its digest."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.model.package import CratesSettings, NpmSettings, Package
from piot.model.release.artifact import Artifact
from piot.model.release.registry import Place
from piot.release.artifacts import Found, find
from piot.release.registries import Registries
from tests.support.cargo_registry import TOKEN, CargoRegistry
from tests.support.npm_registry import Npm
from tests.support.small_files import tgz

pytestmark = pytest.mark.e2e

CRATE = Package(name="demo", kind="crates", path=".", paths=("**",), settings=CratesSettings(crate="demo"))
NPM = Package(name="n", kind="npm", path=".", paths=("**",), settings=NpmSettings(npm="@x/demo"))


def run(argv: list[str], cwd: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def state(registries: Registries, place: Place, artifact: Artifact) -> str:
    return registries.observe(place, (artifact,))[0].state


def test_a_crate_that_cargo_published(crates: CargoRegistry, tmp_path: Path) -> None:
    root = tmp_path / "demo"
    (root / "src").mkdir(parents=True)
    (root / "src/lib.rs").write_text("pub fn one() -> u8 { 1 }\n")
    (root / "Cargo.toml").write_text(
        '[package]\nname = "demo"\nversion = "1.0.0"\nedition = "2021"\n'
        'license = "MIT"\ndescription = "small"\n'
    )
    env = {
        **{name: text for name, text in os.environ.items() if name in ("PATH", "RUSTUP_HOME")},
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
        "CARGO_HOME": str(tmp_path / "home"),
        "CARGO_REGISTRIES_LOOP_INDEX": crates.index,
        "CARGO_REGISTRIES_LOOP_TOKEN": TOKEN,
        "NO_PROXY": "127.0.0.1",
    }
    where = Place(name="loop", kind="crates", index=crates.index)
    registries = Registries(tmp_path, env)
    run(["cargo", "package", "--no-verify", "--allow-dirty"], root, env)
    (found,) = find(root / "target/package", (CRATE,))
    assert state(registries, where, found.artifact) == "unknown name"
    run(["cargo", "publish", "--no-verify", "--allow-dirty", "--registry", "loop"], root, env)
    assert state(registries, where, found.artifact) == "same"
    assert crates.uploads == ["demo@1.0.0"]
    registries.close()


def packed(folder: Path, text: str) -> Found:
    folder.mkdir()
    (folder / "x-demo-1.0.0.tgz").write_bytes(tgz("@x/demo", "1.0.0", text))
    (found,) = find(folder, (NPM,))
    return found


def test_a_package_that_npm_published(npm_server: Npm, tmp_path: Path) -> None:
    where = Place(name="npm", kind="npm", index=npm_server.url)
    registries = Registries(tmp_path, {})
    ours, other = packed(tmp_path / "one", "one"), packed(tmp_path / "two", "two")
    assert state(registries, where, ours.artifact) == "unknown name"
    host = npm_server.url.removeprefix("http:")
    (tmp_path / "npmrc").write_text(f"registry={npm_server.url}\n{host}/:_authToken={npm_server.token}\n")
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "npm_config_userconfig": str(tmp_path / "npmrc"),
    }
    npm = shutil.which("npm") or "npm"
    run([npm, "publish", "--access", "public", str(ours.path)], tmp_path, env)
    assert state(registries, where, ours.artifact) == "same"
    assert state(registries, where, other.artifact) == "different"
    registries.close()
