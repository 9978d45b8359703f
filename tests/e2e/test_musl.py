"""musl: a wheel and the program in it, by a standard library that is built here; zig brings musl itself."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, run
from tests.e2e.twice import again, digests
from tests.support.rust_std import sources, sysroot

pytestmark = pytest.mark.e2e

MUSL = "x86_64-unknown-linux-musl"
OBJECTS = ("crt1", "rcrt1", "Scrt1", "crti", "crtn", "crtbegin", "crtbeginS", "crtend", "crtendS")
"""What rustc links by itself for musl where it has them; zig's own take their place."""


@pytest.fixture(scope="module")
def rust(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The ``bin`` folder of a rustc that has the standard library of musl beside the host's."""
    library = sources()
    if library is None or shutil.which("gcc") is None:
        pytest.skip("needs Debian's rustc, its sources (rust-web-src) and gcc")
    folder = tmp_path_factory.mktemp("rust")
    place = sysroot(folder, MUSL, library, environment)
    (folder / "empty.c").touch()
    run("gcc", "-c", "empty.c", "-o", "empty.o", cwd=folder, env=environment)
    for name in OBJECTS:
        shutil.copy2(folder / "empty.o", place / "self-contained" / f"{name}.o")
    return folder / "bin"


def test_a_wheel_with_a_program_for_musl_made_alike_elsewhere(
    piot: Piot, rust: Path, tmp_path: Path, environment: Mapping[str, str], other_store: Path
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
    words = ("//python:wheel", "//python:cli", "--target", MUSL)
    made = digests(piot, folder, *words, env=env)
    assert {*made} == {wheel, f"dist/{MUSL}/greet"}
    assert made == again(piot, folder, other_store, *words, env=env)
