"""Release archives of the example's program: unpacked and run here, and the same wherever they are packed."""

from __future__ import annotations

import platform
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import NewPolyglot, Piot, Result, run

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        (platform.system(), platform.machine()) != ("Linux", "x86_64"),
        reason="the names that are expected are those of Linux on x86_64",
    ),
]

HOST, CROSS = "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"
LABEL = "//crates/cli:archive"
LOADERS = [
    folder for folder in ("/", "/usr/aarch64-linux-gnu") if Path(folder, "lib/ld-linux-aarch64.so.1").exists()
]
"""Where Debian's libc6:arm64, and else its libc6-arm64-cross, put the C library of aarch64."""
FOUND = "   9.00  build graph keeps\n"


def name(triple: str) -> str:
    return f"rakelet-0.1.0-{triple}.tar.gz"


@pytest.fixture(scope="module")
def clone(new_polyglot: NewPolyglot) -> Path:
    return new_polyglot()


@pytest.fixture(scope="module")
def built(piot: Piot, clone: Path) -> Result:
    return piot("build", LABEL, "--target", "host", "--target", CROSS, cwd=clone)


@pytest.fixture
def unpacked(built: Result, clone: Path, tmp_path: Path, environment: Mapping[str, str]) -> Path:
    assert built.stdout
    for triple in (HOST, CROSS):
        run("tar", "-xzf", clone / "dist" / name(triple), cwd=tmp_path, env=environment)
    return tmp_path


def test_archives_and_checksums_lie_flat_in_dist(
    built: Result, clone: Path, environment: Mapping[str, str]
) -> None:
    files = [f"{name(triple)}{ending}" for triple in (HOST, CROSS) for ending in ("", ".sha256")]
    assert built.stdout == "".join(f"dist/{file}\n" for file in files)
    done = run("sha256sum", "--check", *files[1::2], cwd=clone / "dist", env=environment)
    assert done.stdout == "".join(f"{file}: OK\n" for file in files[::2])


def test_every_archive_holds_one_folder_with_program_readme_and_usage(unpacked: Path) -> None:
    found = {
        path.relative_to(unpacked).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in unpacked.rglob("*")
        if path.is_file()
    }
    modes = {"rakelet": 0o755, "README.md": 0o644, "doc/rakelet.txt": 0o644}
    tops = [name(triple).removesuffix(".tar.gz") for triple in (HOST, CROSS)]
    assert found == {f"{top}/{path}": mode for top in tops for path, mode in modes.items()}
    first, second = (unpacked / top / "doc/rakelet.txt" for top in tops)
    assert first.read_text() == second.read_text()
    assert first.read_text().startswith("Prints the phrases that a text is about, best first\n")


def test_the_program_of_this_machine_runs(
    unpacked: Path, clone: Path, environment: Mapping[str, str]
) -> None:
    program = unpacked / f"rakelet-0.1.0-{HOST}/rakelet"
    said = run(program, "--limit", "1", clone / "crates/cli/tests/text.txt", cwd=unpacked, env=environment)
    assert said.stdout == FOUND


@pytest.mark.skipif(
    not (shutil.which("qemu-aarch64-static") and LOADERS),
    reason="needs qemu-aarch64-static and the C library of aarch64 (qemu-user-static, libc6-arm64-cross)",
)
def test_the_program_of_another_machine_runs_under_qemu(
    unpacked: Path, clone: Path, environment: Mapping[str, str]
) -> None:
    program = unpacked / f"rakelet-0.1.0-{CROSS}/rakelet"
    words = ("qemu-aarch64-static", "-L", LOADERS[0], program, "--limit", "1")
    said = run(*words, clone / "crates/cli/tests/text.txt", cwd=unpacked, env=environment)
    assert said.stdout == FOUND


SMOKE = """
smoke(
    name = "starts",
    of = [":cli", ":archive"],
    args = ["--help"],
)
"""


@pytest.mark.skipif(
    not (shutil.which("qemu-aarch64-static") and Path("/usr/aarch64-linux-gnu/lib").is_dir()),
    reason="needs qemu-aarch64-static and the C library of aarch64 (qemu-user-static, libc6-arm64-cross)",
)
def test_smoke_tests_start_what_is_for_another_machine(piot: Piot, built: Result, polyglot: Path) -> None:
    assert built.stdout
    with (polyglot / "crates/cli/BUILD").open("a") as file:
        file.write(SMOKE)
    for sandbox in ("dir", "bwrap"):
        words = ("//crates/cli:starts", "--target", CROSS, "--sandbox", sandbox, "-v", "--force")
        done = piot("test", *words, cwd=polyglot, ok=False)
        if sandbox == "bwrap" and done.code == 5:
            pytest.skip(f"bubblewrap does not work here: {done.stderr}")
        assert done.code == 0, done.text
        assert done.stderr.count("rakelet --help: works under qemu-aarch64-static\n") == 2
    done = piot("test", "//packages/...", "--target", CROSS, cwd=polyglot, ok=False)
    assert done.code == 5
    assert f"has no Python for {CROSS} (test it on a machine of that kind)" in done.stderr
    assert f"has no Node.js for {CROSS} (test it on a machine of that kind)" in done.stderr


def test_an_archive_has_the_version_of_the_program_s_crate(piot: Piot, polyglot: Path) -> None:
    manifest = polyglot / "crates/cli/Cargo.toml"
    manifest.write_text(manifest.read_text().replace('version = "0.1.0"\ndesc', 'version = "0.2.0"\ndesc'))
    lock = polyglot / "Cargo.lock"
    before = 'name = "rakelet-cli"\nversion = "0.1.0"'
    assert before in lock.read_text()
    lock.write_text(lock.read_text().replace(before, before.replace("0.1.0", "0.2.0")))
    done = piot("actions", LABEL, cwd=polyglot)
    assert f"pack rakelet-0.2.0-{HOST}.tar.gz" in done.stdout
