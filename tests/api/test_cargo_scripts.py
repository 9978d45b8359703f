"""The scripts that stand beside cargo, run as they are in an exec root."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from piot.api.cargo_scripts import CARGO

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


def write(path: Path, script: str) -> None:
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)
