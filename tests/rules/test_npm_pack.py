"""npm packs in a folder of its own: real ones, in small checkouts."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, MakeCheckout

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    """With one plain package, and the PATH that npm is on."""
    made = make_checkout()
    made.write("lib/index.js", "module.exports = 1\n")
    made.write("lib/run.js", "#!/usr/bin/env node\n")
    made.write("lib/README.md", "# lib\n")
    made.write("lib/LICENSE", "MIT\n")
    manifest(made)
    tools = Path(made.environ["PATH"])
    for name in ("node", "npm"):
        (tools / name).symlink_to(shutil.which(name) or "")
    subprocess.run(["git", "init", "--quiet"], cwd=made.root, check=True)
    return made


def manifest(checkout: Checkout, **more: object) -> None:
    known = {"name": "@x/lib", "version": "1.2.3", "main": "index.js", "bin": {"lib": "run.js"}}
    checkout.write("lib/package.json", json.dumps({**known, **more}))


def members(checkout: Checkout) -> dict[str, tuple[int, int, int, str]]:
    """Mode, time, owner and name of owner by member."""
    (file,) = (checkout.root / "dist").glob("*.tgz")
    with tarfile.open(file) as archive:
        return {each.name: (each.mode, int(each.mtime), each.uid, each.uname) for each in archive}


PACKED = 499162500
"""1985-10-26 08:15 UTC, the time that npm gives all files."""


def test_a_package_is_packed_by_npm(checkout: Checkout) -> None:
    run = checkout.build("lib")
    (target,) = run.report.targets
    assert [each.path for each in target.outputs] == ["dist/x-lib-1.2.3.tgz"]
    assert run.texts == []
    assert members(checkout) == {
        f"package/{name}": (mode, PACKED, 0, "")
        for name, mode in {
            "LICENSE": 0o644,
            "run.js": 0o755,
            "index.js": 0o644,
            "package.json": 0o644,
            "README.md": 0o644,
        }.items()
    }


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")
def test_sandboxes_and_umasks_make_no_difference(checkout: Checkout) -> None:
    manifest(checkout, scripts={"prepack": "umask; echo x > made.js; chmod +x run.js"})
    digests = set[str]()
    for sandbox in ("dir", "bwrap"):
        run = replace(checkout, sandbox=sandbox).build("lib", force=True)
        digests |= {each.sha256 for target in run.report.targets for each in target.outputs}
        assert "0022" in run.outputs["//lib:package"]
    assert len(digests) == 1
    assert members(checkout)["package/made.js"][0] == 0o644


def test_scripts_see_neither_the_network_nor_the_settings_of_the_person(checkout: Checkout) -> None:
    Path(checkout.environ["HOME"], ".npmrc").write_text("init-author-name=somebody\n")
    manifest(checkout, scripts={"prepack": "npm config get offline cache init-author-name; printenv HOME"})
    said = checkout.build("lib").outputs["//lib:package"]
    assert "offline=true" in said and "somebody" not in said and checkout.environ["HOME"] not in said


def test_what_piot_stages_beside_the_repository_is_not_packed(checkout: Checkout) -> None:
    config = checkout.root / "putitoutthere.toml"
    config.write_text(config.read_text().replace('path = "lib"', 'path = "."').replace("lib/**", "**"))
    checkout.write("package.json", '{"name": "top", "version": "1.0.0"}')
    checkout.build("//:package")
    names = {name.split("/")[1] for name in members(checkout)}
    assert names == {"BUILD", "lib", "package.json", "putitoutthere.toml"}


def test_what_package_json_names_but_nobody_made_is_an_error(checkout: Checkout) -> None:
    manifest(checkout, main="dist/index.js")
    run = checkout.build("lib")
    assert not run.report.ok
    assert run.target("//lib:package").error == (
        "npm pack made a result that does not hold:\n"
        "  - package/package.json names dist/index.js (main), which is not in the package."
    )


def test_a_missing_readme_is_a_warning(checkout: Checkout) -> None:
    (checkout.root / "lib/README.md").unlink()
    run = checkout.build("lib")
    assert run.report.ok and run.texts == ["//lib:package: x-lib-1.2.3.tgz has no README in it"]


def test_without_npm_nothing_is_built(checkout: Checkout) -> None:
    Path(checkout.environ["PATH"], "npm").unlink()
    (blocked,) = checkout.build("lib").report.blocked
    assert blocked.lacks == ("npm: is not on PATH, or does not run (install Node.js with npm)",)
