"""Windows from Linux without any SDK: zig brings MinGW, and the standard library is built here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, run
from tests.support.rust_std import sources, sysroot

pytestmark = pytest.mark.e2e

GNU = "x86_64-pc-windows-gnu"
DLLTOOL = "x86_64-w64-mingw32-dlltool"
"""What rustc makes import libraries with when it compiles the standard library; actions have zig's."""

DEBIANS = ("libssp", "libssp_nonshared")
"""Libraries that Debian's rustc, and no other, names for MinGW; zig has what is in them elsewhere."""


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The ``bin`` folder of a rustc that has the standard library of MinGW beside the host's."""
    library = sources()
    if library is None or shutil.which(DLLTOOL) is None or shutil.which("ar") is None:
        pytest.skip("needs Debian's rustc, its sources (rust-web-src), and binutils for MinGW")
    folder = tmp_path_factory.mktemp("rust")
    own = f"-Lnative={folder}/lib/rustlib/{GNU}/lib/self-contained "
    place = sysroot(folder, GNU, library, environment, options=own) / "self-contained"
    for name in ("rsbegin", "rsend"):
        source = library / "rtstartup" / f"{name}.rs"
        env = {**environment, "RUSTC_BOOTSTRAP": "1"}
        argv = ("--target", GNU, "--emit=obj", "-o", place / f"{name}.o", source)
        run(folder / "bin/rustc", *argv, cwd=folder, env=env)
    for name in DEBIANS:
        run("ar", "rcs", place / f"{name}.a", cwd=folder, env=environment)
    return folder / "bin"


def test_a_wheel_and_its_program_for_windows(
    piot: Piot, rust: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """The proof of the wheel has looked at its tag, its machine code and its program; wine runs that."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "tests/projects/bundled_wheel", folder)
    config = folder / "putitoutthere.toml"
    config.write_text(config.read_text().replace("aarch64-unknown-linux-gnu", GNU))
    commit_all(folder, environment)
    env = {"PATH": f"{rust}:{environment['PATH']}"}
    built = piot("build", "//python:wheel", "//python:cli", "--target", GNU, cwd=folder, env=env)
    program = f"dist/{GNU}/greet.exe"
    assert sorted(built.stdout.split()) == ["dist/greeter_demo-0.2.0-cp39-abi3-win_amd64.whl", program]
    assert "names a place of this machine" not in built.stderr
    assert (folder / program).read_bytes().startswith(b"MZ")
    if wine := shutil.which("wine64") or shutil.which("wine"):
        own = {**environment, "WINEPREFIX": str(tmp_path / "wine"), "WINEDEBUG": "-all"}
        done = subprocess.run(
            [wine, program, "World"], cwd=folder, env=own, capture_output=True, check=False, timeout=300
        )
        missing = b"c0000135"  # STATUS_DLL_NOT_FOUND: wine before 8.4 has no bcryptprimitives.dll
        assert (
            done.stdout.split() == [b"Hello,", b"World!"] or missing in done.stderr or done.returncode == 53
        )
