"""piot.pex: the same file wherever it is built, and enough for the main job beside Python and Rust."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from piot import __version__
from tests.e2e.conftest import EXAMPLE, ROOT, remove, run

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pex(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PEX of this checkout."""
    out = tmp_path_factory.mktemp("pex") / "piot.pex"
    run(sys.executable, ROOT / "scripts/build-pex", "--out", out, cwd=ROOT, env=os.environ)
    return out


@pytest.fixture(scope="module")
def bare(
    tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """The environment of a machine with Python and Rust, and a store of its own."""
    programs, cache = (tmp_path_factory.mktemp(name) for name in ("bin", "bare-cache"))
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    (programs / "python3").symlink_to(python)
    for name in ("cargo", "rustc"):
        found = shutil.which(name)
        assert found is not None, f"{name} is not on PATH"
        (programs / name).symlink_to(found)
    yield {**environment, "PATH": str(programs), "PIOT_CACHE_DIR": str(cache), "PEX_ROOT": str(cache / "pex")}
    remove(cache)


def test_two_folders_make_the_same_file(pex: Path, tmp_path: Path) -> None:
    copy = tmp_path / "another" / "checkout"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT, env=os.environ)
    for name in listed.stdout.splitlines():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    shutil.copytree(ROOT / ".work/pex/wheels", copy / ".work/pex/wheels")  # checked by hash before use
    env = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    run(sys.executable, copy / "scripts/build-pex", "--out", "own.pex", cwd=copy, env=env)
    assert (copy / "own.pex").read_bytes() == pex.read_bytes()
    digest = hashlib.sha256(pex.read_bytes()).hexdigest()
    assert (copy / "own.pex.sha256").read_text() == f"{digest}  own.pex\n"


def test_no_file_of_the_pex_was_written_at_build_time(pex: Path) -> None:
    with zipfile.ZipFile(pex) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_does_the_main_job_with_python_and_rust_alone(
    pex: Path, bare: Mapping[str, str], tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "polyglot", ignore=shutil.ignore_patterns("dist", ".piot", "target"))
    words = ("//packages/python:wheel", "--target", "aarch64-unknown-linux-gnu")
    run(pex, "-C", "polyglot", "fetch", *words, cwd=tmp_path, env=bare)
    done = run(pex, "-C", "polyglot", "--offline", "build", *words, cwd=tmp_path, env=bare)
    name = "rakelet-0.1.0-cp39-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl"
    assert Path(done.stdout.strip()).name == name
    assert [path.name for path in (tmp_path / "polyglot/dist").glob("*.whl")] == [name]


def test_it_tells_its_version_by_both_of_its_names(
    pex: Path, bare: Mapping[str, str], tmp_path: Path
) -> None:
    assert run(pex, "--version", cwd=tmp_path, env=bare).stdout == f"piot {__version__}\n"
    (tmp_path / "pypi_attestations.py").touch()
    there = "import importlib.util, pathlib, sys; from piot.effects.signing import installed, unable; "
    there += "print(installed(), unable(pathlib.Path(sys.prefix)).split()[0])"
    for path, signs in (("", False), (str(tmp_path), True)):
        python = {**bare, "PEX_INTERPRETER": "1", "PEX_EXTRA_SYS_PATH": path}
        assert run(pex, "-c", there, cwd=tmp_path / "..", env=python).stdout == f"{signs} piot.pex\n"
    other = {**bare, "PEX_SCRIPT": "putitoutthere"}
    assert run(pex, "--version", cwd=tmp_path, env=other).stdout == f"piot {__version__}\n"
