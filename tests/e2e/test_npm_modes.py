"""Packages with addon and program at once, CommonJS and module: built twice, installed by npm and run."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, remove, run
from tests.e2e.test_npm_projects import copied, digests, installed, packed, pytestmark

__all__ = ["pytestmark"]

FAMILIES = {
    "plain": ["@example/both", "@example/both-{}", "@example/both-cli-{}"],
    "module": ["both-module", "both-module-{}", "both-module-cli-{}"],
}
SPELLED = {
    "plain": ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"],
    "module": ["linux-x64-gnu", "linux-arm64-gnu"],
}


def tarball(name: str) -> str:
    return f"dist/{name.removeprefix('@').replace('/', '-')}-0.1.0.tgz"


def family(package: str) -> list[str]:
    """The umbrella and its packages for this machine."""
    return [name.format(SPELLED[package][0]) for name in FAMILIES[package]]


@pytest.fixture(scope="module")
def clones(
    piot: Piot, tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]
) -> tuple[Path, dict[str, str], dict[str, str]]:
    """A clone in which all is built, and the digests of that and of another clone with a store of its own."""
    folder = tmp_path_factory.mktemp("modes")
    one, other = copied("npm_modes", folder, environment), copied("npm_modes", folder / "other", environment)
    found = digests(piot, one, "--target", "host")
    store = {"PIOT_CACHE_DIR": str(folder / "cache")}
    again = digests(piot, other, "--target", "host", "--sandbox", "dir", env=store)
    remove(folder / "cache")
    return one, found, again


def test_addons_programs_and_all_packages_are_identical_in_two_clones_and_stores(
    clones: tuple[Path, dict[str, str], dict[str, str]],
) -> None:
    _, first, second = clones
    assert first == second
    packages = {tarball(name) for package in FAMILIES for name in family(package)}
    files = {f"dist/x86_64-unknown-linux-gnu/{name}" for name in ("both", "both.linux-x64-gnu.node")}
    assert packages <= first.keys() and {path.rpartition("/")[2] for path in files} <= {
        path.rpartition("/")[2] for path in first
    }


@pytest.mark.parametrize("package", ["plain", "module"])
def test_an_umbrella_names_exactly_its_own_families(
    clones: tuple[Path, dict[str, str], dict[str, str]], package: str
) -> None:
    """B36: what dropped targets left behind is gone, of both families."""
    about = json.loads(packed(clones[0] / tarball(FAMILIES[package][0]), "package.json"))
    names = [name.format(each) for name in FAMILIES[package][1:] for each in SPELLED[package]]
    assert about["optionalDependencies"] == dict.fromkeys(sorted(names), "0.1.0")


CALL = {
    "plain": 'console.log(require("@example/both").triple(14))',
    "module": 'import { triple } from "both-module"; console.log(triple(14))',
}


@pytest.mark.parametrize(("package", "command"), [("plain", "both"), ("module", "both-module")])
def test_installed_by_npm_addon_and_program_run(
    clones: tuple[Path, dict[str, str], dict[str, str]],
    tmp_path: Path,
    environment: Mapping[str, str],
    package: str,
    command: str,
) -> None:
    """B20, B21: the launcher is made when the umbrella is packed, whichever mode stands first."""
    folder = tmp_path / "fresh"
    programs = installed(folder, environment, *(clones[0] / tarball(each) for each in family(package)))
    call = folder / ("call.cjs" if package == "plain" else "call.mjs")
    call.write_text(CALL[package])
    assert run("node", call, cwd=folder, env=environment).stdout == "42\n"
    done = subprocess.run(
        [programs / command, "a", "b"], input="said\n", capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "both 0.1.0 a,b said\n", "")


def test_the_script_that_makes_an_addon_is_not_run_again_and_others_are(
    clones: tuple[Path, dict[str, str], dict[str, str]],
) -> None:
    assert packed(clones[0] / tarball("@example/both"), "built.txt") == b"main bundled-cli\n"
