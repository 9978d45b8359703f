"""The scripts that stand beside cargo, run as they are in an exec root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from piot.api.cargo_scripts import CARGO, HARVEST

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="they are shell scripts")


@pytest.mark.parametrize("folder", ["exec/30-e7-8/root", "with blanks and ü/30-e7-8/root"])
def test_package_ids_name_the_exec_root_of_a_sandbox(tmp_path: Path, folder: str) -> None:
    root, cargo = tmp_path / folder, tmp_path / "cargo"
    (root / ".piot/tmp").mkdir(parents=True)
    ids = [f"{root.as_uri()}/packages/rust#0.1.0", f"{root.as_uri()}#x@0.1.0"]
    said = json.dumps({"ids": [f"path+{each}" for each in ids], "kind": ["lib"]})
    write(cargo, f"#!/bin/sh\necho '{said}'\necho \"$@\" >&2\nexit 3\n")
    script = CARGO.replace("%{root}", str(root)).replace("%{tool:cargo}", str(cargo))
    write(root / "shim", script)
    done = subprocess.run([root / "shim", "build", "-v"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "build -v\n")
    assert json.loads(done.stdout) == {
        "ids": ["path+file:///build/packages/rust#0.1.0", "path+file:///build#x@0.1.0"],
        "kind": ["lib"],
    }


def test_the_harvest_leaves_what_is_of_third_parties(tmp_path: Path) -> None:
    """Names as cargo gives them in a target folder for another platform."""
    one, two, own = "0123456789abcdef", "fedcba9876543210", "00000000deadbeef"
    kept = {
        f"release/.fingerprint/syn-{one}/lib-syn",
        f"release/deps/libsyn-{one}.rlib",
        f"release/build/syn-{two}/build-script-build",
        f"triple/release/.fingerprint/core-words-{two}/lib-core-words",
        f"triple/release/deps/libcore_words-{two}.rmeta",
        f"triple/release/deps/core_words-{two}.d",
    }
    gone = {
        ".rustc_info.json",
        "CACHEDIR.TAG",
        "maturin/pyo3.txt",
        f"release/.fingerprint/core-{own}/build-script",
        f"release/build/core-{own}/build-script-build",
        "release/.cargo-lock",
        f"triple/release/.fingerprint/core-{own}/lib-core",
        f"triple/release/deps/libcore-{own}.rlib",
        f"triple/release/deps/core-{own}.core.1a2b.rcgu.o",
        "triple/release/deps/lib_core.so",
        "triple/release/deps/core.d",
        "triple/release/lib_core.so",
        f"triple/release/incremental/core-{own}/x",
        "triple/release/examples/x",
    }
    target = tmp_path / "target"
    for name in kept | gone:
        write(target / name, "")
    write(tmp_path / "harvest", HARVEST)
    environment = {"PATH": "/usr/bin:/bin", "CARGO_TARGET_DIR": str(target)}
    subprocess.run([tmp_path / "harvest", "core", "absent"], env=environment, check=True)
    assert {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()} == kept


def write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
