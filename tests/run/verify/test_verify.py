from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from piot.model.proof import BinaryProof, CrateProof, LibraryProof, Proof, SdistProof, WheelProof
from piot.run.verify.leaks import Leak
from piot.run.verify.verify import PYPI_LIMIT, leaks, notes, verify

Maker = Callable[..., bytes]


@pytest.mark.parametrize(
    ("name", "proof", "expected"),
    [
        (
            "demo-1.0-py3-none-any.whl",
            WheelProof(name="demo"),
            "The file is not a sound zip archive: File is not a zip file.",
        ),
        (
            "demo-1.0.tar.gz",
            SdistProof(name="demo"),
            "The file is not a sound gzipped tar archive: Not a gzipped file (b'te').",
        ),
        (
            "demo-1.0.crate",
            CrateProof(name="demo"),
            "The file is not a sound gzipped tar archive: Not a gzipped file (b'te').",
        ),
        (
            "demo",
            BinaryProof(triple="x86_64-unknown-linux-gnu"),
            "demo cannot be proven: it is neither ELF, Mach-O, PE nor WebAssembly.",
        ),
        (
            "demo.node",
            LibraryProof(triple="x86_64-unknown-linux-gnu"),
            "demo.node cannot be proven: it is neither ELF, Mach-O, PE nor WebAssembly.",
        ),
    ],
)
def test_every_kind_of_proof_reads_its_own_format(
    tmp_path: Path, name: str, proof: Proof, expected: str
) -> None:
    (tmp_path / name).write_bytes(b"text")
    assert verify(tmp_path / name, proof) == (expected,)


def test_a_file_that_is_not_there_proves_nothing(tmp_path: Path) -> None:
    assert verify(tmp_path / "demo", CrateProof(name="demo")) == ("demo is missing, or is not a file.",)
    assert verify(tmp_path, CrateProof(name="demo")) == (f"{tmp_path.name} is missing, or is not a file.",)


def test_a_proven_file_has_no_findings_and_its_leaks_are_asked_for_apart(
    tmp_path: Path, make_elf: Maker
) -> None:
    path = tmp_path / "libdemo.so"
    path.write_bytes(make_elf(exports=["demo"]) + b"/work/exec/src/lib.rs")
    assert verify(path, LibraryProof(triple="x86_64-unknown-linux-gnu", glibc="2.17")) == ()
    assert [leak.text for leak in leaks(path, ["/work/exec"])] == ["/work/exec/src/lib.rs"]
    assert leaks(path, [str(tmp_path)]) == ()
    assert all(isinstance(leak, Leak) for leak in leaks(path, [b"/work"]))


@pytest.mark.parametrize("proof", [WheelProof(name="demo"), SdistProof(name="demo")])
def test_a_file_that_pypi_takes_of_few_is_noted(tmp_path: Path, proof: Proof) -> None:
    path = tmp_path / "demo-1.0.any"
    path.write_bytes(b"x")
    assert notes(path, proof) == ()
    with path.open("r+b") as file:
        file.truncate(PYPI_LIMIT + 1)
    assert notes(path, proof) == (
        "demo-1.0.any has 104857601 bytes: PyPI takes more than 104857600 only of projects that asked for it",
    )
