"""musl: a wheel and the program in it, by a standard library that is built from Debian's sources.

rustup has one ready made, but not everywhere can it be asked. Debian packages the sources
(``rust-web-src``) of the compiler that it has; zig brings musl itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, run

pytestmark = pytest.mark.e2e

RUSTC, CARGO = Path("/usr/bin/rustc"), Path("/usr/bin/cargo")
MUSL = "x86_64-unknown-linux-musl"
OBJECTS = ("crt1", "rcrt1", "Scrt1", "crti", "crtn", "crtbegin", "crtbeginS", "crtend", "crtendS")
"""What rustc links by itself for musl where it has them; zig's own take their place."""

WRAPPER = """\
#!/bin/sh
exec "${{0%/*}}/../libexec/rustc" --sysroot "{sysroot}" "$@"
"""


def sources() -> Path | None:
    """The standard library's source as Debian's rustc has it, or where ``PIOT_TEST_RUST_SRC`` says."""
    if named := os.environ.get("PIOT_TEST_RUST_SRC"):
        return Path(named)
    if not (RUSTC.is_file() and CARGO.is_file()):
        return None
    said = subprocess.run([RUSTC, "--version"], capture_output=True, text=True, check=False).stdout.split()
    folder = Path("/usr/src") / f"rustc-{said[1] if len(said) > 1 else ''}" / "library"
    return folder if (folder / "Cargo.lock").is_file() else None


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The ``bin`` folder of a rustc that has the standard library of musl beside the host's."""
    library = sources()
    if library is None or shutil.which("gcc") is None:
        pytest.skip("needs Debian's rustc, its sources (rust-web-src) and gcc")
    folder = tmp_path_factory.mktemp("rust")
    made = compiled(folder / "std", library, environment)
    for name in ("bin", "libexec", "lib/rustlib"):
        (folder / name).mkdir(parents=True)
    shutil.copy2(RUSTC, folder / "libexec/rustc")
    shutil.copy2(CARGO, folder / "bin/cargo")
    (folder / "bin/rustc").write_text(WRAPPER.format(sysroot=folder))
    (folder / "bin/rustc").chmod(0o755)
    host = Path("/usr/lib/rustlib/x86_64-unknown-linux-gnu")
    (folder / "lib/rustlib" / host.name).symlink_to(host)
    shutil.copytree(made, folder / "lib/rustlib" / MUSL / "lib")
    return folder / "bin"


def compiled(folder: Path, library: Path, environment: Mapping[str, str]) -> Path:
    """Has cargo compile the standard library (``-Zbuild-std``), and gives a folder as a sysroot has it."""
    (folder / "src").mkdir(parents=True)
    (folder / "src/lib.rs").touch()
    (folder / "Cargo.toml").write_text('[package]\nname = "none"\nversion = "0.1.0"\nedition = "2021"\n')
    env = {
        **environment,
        "PATH": f"/usr/bin:{environment['PATH']}",
        "RUSTC": str(RUSTC),
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": f"--remap-path-prefix={environment['HOME']}=/rust --remap-path-prefix={library}=/rust",
        "__CARGO_TESTS_ONLY_SRC_ROOT": str(library),
    }
    std = ("-Zbuild-std=std,panic_unwind,proc_macro", "--target", MUSL, "--release")
    run(CARGO, "build", *std, "--target-dir", folder / "target", cwd=folder, env=env)
    made = folder / "lib"
    (made / "self-contained").mkdir(parents=True)
    for rlib in (folder / "target" / MUSL / "release/deps").glob("*.rlib"):
        if not rlib.name.startswith("libnone"):
            shutil.copy2(rlib, made)
    (folder / "empty.c").touch()
    run("gcc", "-c", "empty.c", "-o", "empty.o", cwd=folder, env=env)
    for name in OBJECTS:
        shutil.copy2(folder / "empty.o", made / "self-contained" / f"{name}.o")
    return made


def test_a_wheel_with_a_program_for_musl(
    piot: Piot, rust: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """The proof of the wheel has looked at its tag, its libraries and its program."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "tests/projects/bundled_wheel", folder)
    config = folder / "putitoutthere.toml"
    config.write_text(config.read_text().replace("aarch64-unknown-linux-gnu", MUSL))
    commit_all(folder, environment)
    env = {"PATH": f"{rust}:{environment['PATH']}"}
    built = piot("build", "//python:wheel", "//python:cli", "--target", MUSL, cwd=folder, env=env)
    wheel = "dist/greeter_demo-0.2.0-cp39-abi3-musllinux_1_2_x86_64.whl"
    assert sorted(built.stdout.split()) == [wheel, f"dist/{MUSL}/greet"]
    program = run(folder / f"dist/{MUSL}/greet", "World", cwd=folder, env=environment)
    assert program.stdout == "Hello, World!\n"
    assert "names a place of this machine" not in built.stderr
