"""The Node addon of the example library: built by napi-rs, packed by npm, installed and called."""

from __future__ import annotations

import json
import platform
import shutil
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tests.e2e.conftest import NewPolyglot, Piot, Target, remove, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
    pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js with npm"),
]

HOST, CROSS = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
VERSION = "1.2.3"
ADDONS = {HOST: "rakelet.linux-x64-gnu.node", CROSS: "rakelet.linux-arm64-gnu.node"}
MACHINES = {HOST: "EM_X86_64", CROSS: "EM_AARCH64"}
UMBRELLA = f"dist/rakelet-node-{VERSION}.tgz"
FAMILY = [
    *("aarch64-apple-darwin", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin"),
    *("x86_64-pc-windows-msvc", "x86_64-unknown-linux-gnu"),
]
CALL = """\
const { keywords } = require("@rakelet/node");
console.log(JSON.stringify(keywords("The build graph keeps the build graph small.", 1)));
"""


def platform_package(triple: str) -> str:
    return f"dist/rakelet-node-{triple}-{VERSION}.tgz"


@pytest.fixture(scope="module")
def clone(new_polyglot: NewPolyglot) -> Path:
    return new_polyglot()


EVERYTHING = (
    *("build", *(f"//packages/ts:{name}" for name in ("addon", "platforms", "package"))),
    *("--target", "host", "--target", CROSS, "--set-version", f"rakelet-ts={VERSION}", "--json"),
)


@pytest.fixture(scope="module")
def built(piot: Piot, clone: Path) -> Mapping[str, Target]:
    """Addons and their packages, for this machine and for another, with a planned version."""
    return piot(*EVERYTHING, cwd=clone).targets


def test_addons_and_packages_are_identical_in_another_clone_store_and_sandbox(
    piot: Piot, built: Mapping[str, Target], new_polyglot: NewPolyglot, tmp_path: Path
) -> None:
    store = tmp_path / "cache"
    again = piot(*EVERYTHING, "--sandbox", "dir", cwd=new_polyglot(), env={"PIOT_CACHE_DIR": str(store)})
    remove(store)
    for name, target in built.items():
        assert again.targets[name]["outputs"] == target["outputs"], name


def test_everything_has_the_name_of_its_platform(built: Mapping[str, Target]) -> None:
    outputs = {name: [each["path"] for each in target["outputs"]] for name, target in built.items()}
    assert outputs == {
        **{f"//packages/ts:addon@{triple}": [f"dist/{triple}/{file}"] for triple, file in ADDONS.items()},
        **{f"//packages/ts:platforms@{triple}": [platform_package(triple)] for triple in ADDONS},
        "//packages/ts:package": [UMBRELLA],
    }


@pytest.mark.parametrize("triple", [HOST, CROSS])
def test_the_addon_is_one_for_its_platform(built: Mapping[str, Target], clone: Path, triple: str) -> None:
    assert built
    data = (clone / f"dist/{triple}/{ADDONS[triple]}").read_bytes()
    file = ELFFile(BytesIO(data))
    symbols = file.get_section_by_name(".dynsym")
    assert isinstance(symbols, SymbolTableSection)
    exported = {each.name for each in symbols.iter_symbols() if each["st_shndx"] != "SHN_UNDEF"}
    assert (file["e_machine"], file["e_type"]) == (MACHINES[triple], "ET_DYN")
    assert "napi_register_module_v1" in exported
    assert str(clone).encode() not in data


@pytest.mark.parametrize("triple", [HOST, CROSS])
def test_a_platform_package_is_true(built: Mapping[str, Target], clone: Path, triple: str) -> None:
    assert built
    files = packed(clone / platform_package(triple))
    licences = ["LICENSE-APACHE", "LICENSE-MIT"]
    assert sorted(files) == [*licences, "README.md", "package.json", ADDONS[triple]]
    for each in licences:
        assert files[each] == (clone / each).read_bytes()
    assert files[ADDONS[triple]] == (clone / f"dist/{triple}/{ADDONS[triple]}").read_bytes()
    assert json.loads(files["package.json"]) == {
        "name": f"@rakelet/node-{triple}",
        "version": VERSION,
        "os": ["linux"],
        "cpu": [{HOST: "x64", CROSS: "arm64"}[triple]],
        "libc": ["glibc"],
        "main": ADDONS[triple],
        "files": [ADDONS[triple], *licences],
        "description": "Rapid automatic keyword extraction",
        "license": "MIT OR Apache-2.0",
        "engines": {"node": ">= 18"},
        "repository": "https://github.com/example/rakelet",
    }


def test_the_umbrella_has_loader_and_types_and_names_its_family(
    built: Mapping[str, Target], clone: Path
) -> None:
    assert built
    files = packed(clone / UMBRELLA)
    assert sorted(files) == ["README.md", "index.d.ts", "index.js", "package.json"]
    about = json.loads(files["package.json"])
    assert about["version"] == VERSION
    assert about["optionalDependencies"] == {f"@rakelet/node-{triple}": VERSION for triple in FAMILY}
    for triple in FAMILY:
        assert f"require('@rakelet/node-{triple}')".encode() in files["index.js"]
    assert b"export declare function keywords(text: string, limit?" in files["index.d.ts"]


def test_installed_by_npm_the_addon_works(
    built: Mapping[str, Target], clone: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    assert built
    (tmp_path / "package.json").write_text('{"private": true}')
    packages = (clone / platform_package(HOST), clone / UMBRELLA)
    run("npm", "install", "--offline", "--no-audit", *packages, cwd=tmp_path, env=environment)
    (tmp_path / "call.js").write_text(CALL)
    said = run("node", "call.js", cwd=tmp_path, env=environment).stdout
    assert json.loads(said) == [{"phrase": "build graph keeps", "score": 9}]


def test_without_node_the_lack_is_named(piot: Piot, clone: Path, tmp_path: Path) -> None:
    for name in ("bwrap", "cc", "git", "sh"):
        if (program := shutil.which(name)) is not None:
            (tmp_path / name).symlink_to(program)
    done = piot("build", "//packages/ts:package", cwd=clone, env={"PATH": str(tmp_path)}, ok=False)
    assert (done.code, done.stdout) == (5, ""), done.text
    assert done.stderr.startswith("- //packages/ts:package cannot be built here; it lacks:\n"), done.text
    assert "    node: is not on PATH, or does not run (install Node.js with npm)\n" in done.stderr


def test_without_a_lock_file_nothing_is_built(piot: Piot, polyglot: Path) -> None:
    (polyglot / "packages/ts/package-lock.json").unlink()
    done = piot("build", "//packages/ts:addon", cwd=polyglot, ok=False)
    assert (done.code, done.stdout) == (3, ""), done.text
    assert "//packages/ts:addon: no lock file for packages/ts pins @napi-rs/cli" in done.stderr
    assert (
        "run `npm install --save-dev @napi-rs/cli` in packages/ts and commit package-lock.json" in done.stderr
    )


def packed(path: Path) -> dict[str, bytes]:
    """The files of a package by their paths in it."""
    with tarfile.open(path) as archive:
        files = {each.name: archive.extractfile(each) for each in archive if each.isfile()}
        return {name.removeprefix("package/"): file.read() for name, file in files.items() if file}
