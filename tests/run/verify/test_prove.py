"""Outputs are proven where they were made; paths of this machine in them are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from piot.model.proof import Proven, SdistProof
from piot.run.verify.prove import prove

PROOF = SdistProof(name="x", version="1.0")


def test_a_proof_of_a_folder_is_one_of_the_only_file_in_it(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x-1.0.tar.gz").write_bytes(b"no archive")
    proven = prove(tmp_path, [("out", PROOF)], ["/somewhere"])
    assert len(proven.findings) >= 1 and all("should hold" not in each for each in proven.findings)
    assert proven.leaks == ()


@pytest.mark.parametrize("names", [(), ("a", "b")])
def test_a_folder_should_hold_just_one_file(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "out").mkdir()
    for name in names:
        (tmp_path / "out" / name).touch()
    proven = prove(tmp_path, [("out", PROOF)], [])
    assert proven == Proven(findings=("out should hold just one file",), leaks=(), notes=())


def test_an_output_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert prove(tmp_path, [("out.tar.gz", PROOF)], []).findings == (
        "out.tar.gz is missing, or is not a file.",
    )


def test_a_place_of_this_machine_is_named_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"\0built in /home/me/work/lib.rs\0")
    leaks = prove(tmp_path, [("out", PROOF)], ["/home/me"]).leaks
    assert leaks == ("out names a place of this machine: /home/me/work/lib.rs",)


def test_a_place_inside_an_archive_is_named_with_both(
    tmp_path: Path, make_tar_gz: Callable[..., bytes]
) -> None:
    (tmp_path / "x-1.0.tar.gz").write_bytes(make_tar_gz({"x-1.0/PKG-INFO": b"/home/me/x"}))
    leaks = prove(tmp_path, [("x-1.0.tar.gz", PROOF)], ["/home/me"]).leaks
    assert leaks == ("x-1.0/PKG-INFO in x-1.0.tar.gz names a place of this machine: /home/me/x",)


def test_what_is_not_declared_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"/home/me/x")
    assert prove(tmp_path, [], ["/home/me"]) == Proven(findings=(), leaks=(), notes=())
