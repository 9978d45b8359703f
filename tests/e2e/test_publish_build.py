"""From a commit to a registry: two crates planned, built, published and tagged, once."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot
from tests.support.cargo_registry import TOKEN, CargoRegistry
from tests.support.repository import do

pytestmark = pytest.mark.e2e

PACKAGE = """\
[package]
name = "{name}"
version = "0.0.0"
edition.workspace = true
license.workspace = true
description = "small"
"""
FILES = {
    "Cargo.toml": (
        '[workspace]\nmembers = ["core", "wrap"]\nresolver = "2"\n'
        '[workspace.package]\nedition = "2021"\nlicense = "MIT"\n'
    ),
    "core/Cargo.toml": PACKAGE.format(name="piot-core"),
    "core/src/lib.rs": "pub fn one() -> u8 { 1 }\n",
    "wrap/Cargo.toml": PACKAGE.format(name="piot-wrap")
    + '[dependencies]\npiot-core = { path = "../core", version = "0.0.0" }\n',
    "wrap/src/lib.rs": "pub fn two() -> u8 { piot_core::one() + 1 }\n",
    ".gitignore": "/dist/\n/.piot/\n/target/\n",
}
CONFIG = """\
[putitoutthere]
version = 1

[[package]]
name = "piot-core"
kind = "crates"
path = "core"
paths = ["core/**"]

[[package]]
name = "piot-wrap"
kind = "crates"
path = "wrap"
paths = ["wrap/**"]
depends_on = ["piot-core"]

[piot.registry.crates-io]
index = "{index}"
"""


def test_crates_that_need_each_other_are_released_from_a_commit(
    piot: Piot, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """What was built in a sandbox against a sibling's archive is what cargo packs for the registry."""
    root = tmp_path / "checkout"
    registry = CargoRegistry(lag=1.0)
    with registry.running():
        for path, text in {**FILES, "putitoutthere.toml": CONFIG.format(index=registry.index)}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        lock = ["cargo", "generate-lockfile", "--offline"]
        subprocess.run(lock, cwd=root, env=dict(environment), check=True, capture_output=True)
        do(root, "init", "--quiet", "--initial-branch=main")
        do(root, "add", "--all")
        do(root, "commit", "--quiet", "--message=all")
        env = {"PIOT_REGISTRY_CRATES_IO_TOKEN": TOKEN, "NO_PROXY": "127.0.0.1"}
        versions = ("--set-version", "piot-core=0.1.0", "--set-version", "piot-wrap=0.1.0")
        piot("build", "//core:crate", "//wrap:crate", *versions, cwd=root)
        assert piot("publish", cwd=root, env=env).stdout.splitlines() == [
            "piot-core piot-core-0.1.0.crate: published",
            "piot-wrap piot-wrap-0.1.0.crate: published",
            "tag piot-core-v0.1.0: tagged",
            "    not pushed: there is no remote",
            "tag piot-wrap-v0.1.0: tagged",
            "    not pushed: there is no remote",
        ]
        stored = {name: versions[0].data for name, versions in registry.crates.items()}
        assert stored == {
            name: (root / f"dist/{name}-0.1.0.crate").read_bytes() for name in ("piot-core", "piot-wrap")
        }
        again = piot("publish", cwd=root, env=env)
        assert (again.stdout, again.stderr) == ("", "nothing is planned\n")
        assert registry.uploads == ["piot-core@0.1.0", "piot-wrap@0.1.0"]
