"""The main command on the example library: wheels, sdist, crates and programs that are what they say."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from email.parser import Parser
from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from packaging.tags import Tag, parse_tag
from packaging.utils import parse_wheel_filename

from tests.e2e.conftest import NewPolyglot, Piot, Target, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
]

HOST, CROSS = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
WHEELS = {
    HOST: "dist/rakelet-0.1.0-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
    CROSS: "dist/rakelet-0.1.0-cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
}
MACHINES = {HOST: "EM_X86_64", CROSS: "EM_AARCH64"}
GLIBC = {"libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libutil.so.1"}
"""What PEP 599 lets a wheel expect of every machine, as far as glibc brings it; ld-linux comes on top."""
LOADERS = [
    folder for folder in ("/", "/usr/aarch64-linux-gnu") if Path(folder, "lib/ld-linux-aarch64.so.1").exists()
]
"""Where Debian's libc6:arm64, and else its libc6-arm64-cross, put the C library of aarch64."""
TEXT = "The build graph keeps the build graph small."
CANNOT_LINK = {
    "x86_64-apple-darwin": "no SDK for macos",
    "aarch64-apple-darwin": "no SDK for macos",
    "x86_64-pc-windows-msvc": "of Windows only x86_64-pc-windows-gnu",
}


@pytest.fixture(scope="module")
def clone(new_polyglot: NewPolyglot) -> Path:
    return new_polyglot()


@pytest.fixture(scope="module")
def built(piot: Piot, clone: Path) -> Mapping[str, Target]:
    """Wheel and program, for this machine and for another, built by one command."""
    labels = ("//packages/python:wheel", "//crates/cli:cli")
    return piot("build", *labels, "--target", "host", "--target", CROSS, "--json", cwd=clone).targets


@pytest.mark.parametrize("triple", [HOST, CROSS])
def test_the_wheel_has_the_name_of_its_platform(
    built: Mapping[str, Target], clone: Path, triple: str
) -> None:
    (output,) = built[f"//packages/python:wheel@{triple}"]["outputs"]
    data = (clone / output["path"]).read_bytes()
    assert output == {"path": WHEELS[triple], "sha256": sha256(data), "size": len(data)}


@pytest.mark.parametrize("triple", [HOST, CROSS])
def test_the_tags_of_the_wheel_are_true(built: Mapping[str, Target], clone: Path, triple: str) -> None:
    assert built
    name, version, _, tags = parse_wheel_filename(Path(WHEELS[triple]).name)
    with zipfile.ZipFile(clone / WHEELS[triple]) as wheel:
        about = wheel.read("rakelet-0.1.0.dist-info/WHEEL").decode()
        metadata = Parser().parsestr(wheel.read("rakelet-0.1.0.dist-info/METADATA").decode())
        module = wheel.read("rakelet/_core.abi3.so")
    assert declared(about) == tags
    assert (name, str(version)) == (metadata["Name"], metadata["Version"]) == ("rakelet", "0.1.0")
    assert facts(module)[0] == MACHINES[triple]
    assert (2, 0) < facts(module)[1] <= (2, 17)
    assert {each for each in facts(module)[2] if not each.startswith("ld-linux")} <= GLIBC


@pytest.mark.parametrize("triple", [HOST, CROSS])
def test_the_program_is_for_its_platform(built: Mapping[str, Target], clone: Path, triple: str) -> None:
    (output,) = built[f"//crates/cli:cli@{triple}"]["outputs"]
    assert output["path"] == f"dist/{triple}/rakelet"
    machine, glibc, needed = facts((clone / output["path"]).read_bytes())
    assert (machine, glibc <= (2, 17)) == (MACHINES[triple], True)
    assert {each for each in needed if not each.startswith("ld-linux")} <= GLIBC


def test_the_wheel_of_this_machine_works_in_a_fresh_environment(
    built: Mapping[str, Target], clone: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    assert built
    run(sys.executable, "-m", "venv", "venv", cwd=tmp_path, env=environment)
    bin_folder = tmp_path / "venv/bin"
    install = ("install", "--quiet", clone / WHEELS[HOST], "pytest", "mypy")
    run(bin_folder / "pip", *install, cwd=tmp_path, env=environment)
    shutil.copytree(clone / "packages/python/tests", tmp_path / "tests")
    tested = run(bin_folder / "python", "-m", "pytest", "tests", cwd=tmp_path, env=environment)
    assert re.search(r"= 2 passed in ", tested.stdout), tested.text
    (tmp_path / "typed.py").write_text('import rakelet\nfound: str = rakelet.keywords("x")[0].phrase\n')
    typed = run(bin_folder / "python", "-m", "mypy", "--strict", "typed.py", cwd=tmp_path, env=environment)
    assert typed.stdout == "Success: no issues found in 1 source file\n"


@pytest.mark.skipif(
    not (shutil.which("qemu-aarch64-static") and LOADERS),
    reason="needs qemu-aarch64-static and the C library of aarch64 (qemu-user-static, libc6-arm64-cross)",
)
def test_the_program_for_another_platform_says_the_same_under_qemu(
    built: Mapping[str, Target], clone: Path, environment: Mapping[str, str]
) -> None:
    assert built
    (clone / "text.txt").write_text(TEXT)
    words = ("--json", "text.txt")
    here = run(clone / f"dist/{HOST}/rakelet", *words, cwd=clone, env=environment)
    qemu = ("qemu-aarch64-static", "-L", LOADERS[0])
    there = run(*qemu, clone / f"dist/{CROSS}/rakelet", *words, cwd=clone, env=environment)
    (clone / "text.txt").unlink()
    assert json.loads(here.stdout)[0] == {"phrase": "build graph keeps", "score": 9.0}
    assert there.stdout == here.stdout


def test_the_source_distribution_holds_a_whole_workspace(
    piot: Piot, clone: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    done = piot("build", "//packages/python:sdist", cwd=clone)
    assert done.stdout == "dist/rakelet-0.1.0.tar.gz\n"
    run("tar", "-xf", clone / "dist/rakelet-0.1.0.tar.gz", cwd=tmp_path, env=environment)
    source = tmp_path / "rakelet-0.1.0"
    about = Parser().parsestr((source / "PKG-INFO").read_text())
    assert (about["Name"], about["Version"]) == ("rakelet", "0.1.0")
    asked = ("cargo", "metadata", "--format-version=1", "--no-deps", "--locked", "--offline")
    metadata = json.loads(run(*asked, cwd=source, env=environment).stdout)
    names = {each["name"] for each in metadata["packages"]}
    assert names == {"rakelet", "rakelet-py", "rakelet-stopwords"}


def test_a_crate_names_its_unpublished_dependency_by_version_only(piot: Piot, clone: Path) -> None:
    done = piot("build", "//packages/rust:crate", cwd=clone)
    assert done.stdout == "dist/rakelet-0.1.0.crate\n"
    with tarfile.open(clone / "dist/rakelet-0.1.0.crate") as archive:
        names = archive.getnames()
        manifest = archive.extractfile("rakelet-0.1.0/Cargo.toml")
        assert manifest is not None
        text = manifest.read().decode()
    assert '[dependencies.rakelet-stopwords]\nversion = "0.1.0"\n\n' in text
    assert "path =" not in text.partition("[dependencies")[2]
    files = {"Cargo.lock", "Cargo.toml", "Cargo.toml.orig", "README.md", "src/lib.rs"}
    assert set(names) == {f"rakelet-0.1.0/{each}" for each in files}


def test_all_tests_pass(piot: Piot, clone: Path) -> None:
    done = piot("test", "//...", "-v", cwd=clone)
    assert done.stdout == ""
    for each in ("crates/cli:smoke test", "packages/python:smoke smoke test", "packages/ts:smoke smoke test"):
        assert f"✓ //{each}  " in done.stderr
    again = piot("test", "//...", cwd=clone)
    assert again.ran == []


def test_what_is_for_another_machine_is_not_tested_here(
    built: Mapping[str, Target], piot: Piot, clone: Path
) -> None:
    assert built
    done = piot("test", "//packages/python:smoke", "--target", CROSS, cwd=clone, ok=False)
    assert (done.code, done.stdout, done.ran) == (5, "", [])
    assert (
        f"- //packages/python:smoke@triple={CROSS} cannot be built here; it lacks:\n"
        f"    this machine: is {HOST}, and has no Python for {CROSS} "
        "(test it on a machine of that kind)\n"
    ) in done.stderr


def test_all_platforms_build_what_can_be_built_here(
    built: Mapping[str, Target], piot: Piot, clone: Path
) -> None:
    done = piot("build", "//packages/python:wheel", "--target", "all", cwd=clone, ok=False)
    assert (done.code, done.stdout) == (5, f"{WHEELS[HOST]}\n{WHEELS[CROSS]}\n"), done.text
    for triple, why in CANNOT_LINK.items():
        assert f"- //packages/python:wheel@triple={triple} cannot be built here; it lacks:\n" in done.stderr
        assert f"zig: cannot link for {triple} ({why})" in done.stderr
    assert re.search(r"^cached 2, cannot be built here 3 in [0-9.]+s; ", done.stderr, re.MULTILINE), done.text
    assert built


def declared(about: str) -> frozenset[Tag]:
    """The tags that a WHEEL file lists."""
    lines = [line.removeprefix("Tag: ") for line in about.splitlines() if line.startswith("Tag: ")]
    return frozenset(tag for line in lines for tag in parse_tag(line))


def facts(data: bytes) -> tuple[str, tuple[int, ...], set[str]]:
    """The machine of an ELF file, the highest version of glibc that it asks for, the libraries it needs."""
    file = ELFFile(BytesIO(data))
    section = file.get_section_by_name(".gnu.version_r")
    assert isinstance(section, GNUVerNeedSection)
    asked = {str(entry.name) for _, entries in section.iter_versions() for entry in entries}
    versions = [name.removeprefix("GLIBC_").split(".") for name in asked if name.startswith("GLIBC_2")]
    dynamic = file.get_section_by_name(".dynamic")
    assert isinstance(dynamic, DynamicSection)
    needed = {str(vars(tag)["needed"]) for tag in dynamic.iter_tags("DT_NEEDED")}
    return file["e_machine"], max(tuple(map(int, parts)) for parts in versions), needed


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
