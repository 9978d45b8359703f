"""The umbrella of a program: its launcher knows the files of every platform, and what is there stays."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, MakeCheckout

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")

BUILD = """\
npm_program(
    name = "package", directory = "c", srcs = glob(["c/**"]), program = "c",
    targets = ["aarch64-apple-darwin", "x86_64-pc-windows-msvc"],
)
"""


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    made = make_checkout(BUILD)
    made.write("c/package.json", json.dumps({"name": "c", "version": "1.0.0", "license": "MIT"}))
    made.write("c/README.md", "# c\n")
    tools = Path(made.environ["PATH"])
    for name in ("node", "npm"):
        (tools / name).symlink_to(shutil.which(name) or "")
    subprocess.run(["git", "init", "--quiet"], cwd=made.root, check=True)
    return made


def packed(checkout: Checkout) -> dict[str, str]:
    run = checkout.build("//:package")
    assert run.report.ok, (run.target("//:package").error, run.outputs)
    with tarfile.open(checkout.root / "dist/c-1.0.0.tgz") as archive:
        files = {each.name: archive.extractfile(each) for each in archive}
        return {
            path.removeprefix("package/"): file.read().decode()
            for path, file in files.items()
            if file is not None
        }


def test_x06_a_launcher_is_made_that_knows_the_program_of_each_platform(checkout: Checkout) -> None:
    files = packed(checkout)
    about = json.loads(files["package.json"])
    assert about["bin"] == {"c": "bin/c.cjs"}
    known = json.loads(
        files["bin/c.cjs"].partition("const PACKAGES = ")[2].partition(";\n")[0].replace(",\n]", "\n]")
    )
    assert [(each["os"], each["cpu"], each["file"]) for each in known] == [
        (["darwin"], ["arm64"], "c"),
        (["win32"], ["x64"], "c.exe"),
    ]
    assert sorted(about["optionalDependencies"]) == sorted(each["package"] for each in known)


def test_x07_a_launcher_that_is_there_stays_and_is_named(checkout: Checkout) -> None:
    mine = "#!/usr/bin/env node\n// mine\n"
    checkout.write("c/bin/c.cjs", mine)
    files = packed(checkout)
    assert files["bin/c.cjs"] == mine
    assert json.loads(files["package.json"])["bin"] == {"c": "bin/c.cjs"}
