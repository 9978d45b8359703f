from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from dataclasses import replace

import pytest

from piot.model.proof import ArchiveProof
from piot.run.verify.release import release_findings

Maker = Callable[..., bytes]

LINUX = "x86_64-unknown-linux-gnu"
PROOF = ArchiveProof(
    file="tool-1.0.tar.gz",
    triple=LINUX,
    files=("tool-1.0/LICENSE", "tool-1.0/tool"),
    folders=("tool-1.0/complete/",),
    programs=("tool-1.0/tool",),
)
RUNS = {"tool-1.0/tool": 0o755}


def members(program: bytes = b"#!/bin/sh\n") -> dict[str, bytes]:
    return {"tool-1.0/LICENSE": b"MIT", "tool-1.0/complete/_tool": b"", "tool-1.0/tool": program}


def findings(data: bytes, proof: ArchiveProof = PROOF) -> list[str]:
    return [*release_findings(proof.file, data, proof)]


def test_what_was_planned_holds_in_every_format(make_tar_gz: Maker, make_zip: Maker, make_elf: Maker) -> None:
    whole = members(make_elf(needed=["libc.so.6"], pie=True, interpreter="/lib64/ld-linux-x86-64.so.2"))
    data = make_tar_gz(whole, modes=RUNS)
    assert findings(data) == []
    packed = lzma.compress(gzip.decompress(data))
    assert findings(packed, replace(PROOF, file="tool-1.0.tar.xz")) == []
    assert findings(make_zip(whole, runs=["tool"]), replace(PROOF, file="tool-1.0.zip")) == []


def test_another_name_is_refused(make_tar_gz: Maker) -> None:
    assert [*release_findings("tool.tar.gz", make_tar_gz(members(), modes=RUNS), PROOF)] == [
        "The file is called tool.tar.gz, expected tool-1.0.tar.gz."
    ]


def test_what_is_missing_and_what_is_too_much_is_named(make_tar_gz: Maker) -> None:
    inside = {"tool-1.0/tool": b"#!/bin/sh\n", "tool-1.0/notes": b"", "LICENSE": b""}
    assert findings(make_tar_gz(inside, modes=RUNS)) == [
        "There is no tool-1.0/LICENSE.",
        "There is nothing in tool-1.0/complete/ of what was to be put there.",
        "Member tool-1.0/notes was not planned.",
        "Member LICENSE was not planned.",
    ]


def test_a_folder_at_the_top_takes_any_name_but_not_none(make_tar_gz: Maker) -> None:
    proof = ArchiveProof(file="a.tar.gz", triple=LINUX, files=("tool",), folders=("",))
    assert findings(make_tar_gz({"tool": b"", "x/y": b""}), proof) == []
    assert findings(make_tar_gz({"tool": b""}), proof) == [
        "There is nothing in it of what was to be put there."
    ]


def test_a_program_must_be_one_for_the_platform_and_must_be_executable(
    make_tar_gz: Maker, make_elf: Maker
) -> None:
    program = make_elf(machine=183, needed=["libc.so.6"], pie=True, interpreter="/lib/ld-linux-aarch64.so.1")
    assert findings(make_tar_gz(members(program))) == [
        "tool-1.0/tool is a program, but is not executable.",
        f"tool-1.0/tool is built for aarch64, expected x86_64 for {LINUX}.",
    ]
    assert findings(make_tar_gz(members(b"text"), modes=RUNS)) == [
        "tool-1.0/tool cannot be proven: it is neither ELF, Mach-O, PE nor WebAssembly."
    ]


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "C:/evil"])
def test_names_that_lead_elsewhere_are_refused(make_zip: Maker, name: str) -> None:
    proof = replace(PROOF, file="tool-1.0.zip")
    assert findings(make_zip({**members(), name: b""}, runs=["tool"]), proof) == [
        f"Member {name!r} has an unsafe name: absolute, with '..', or not portable."
    ]


def test_links_are_refused(make_tar_gz: Maker) -> None:
    data = make_tar_gz(members(), modes=RUNS, links={"tool-1.0/complete/b": "_tool"})
    assert findings(data) == ["Member tool-1.0/complete/b is a link, which not every platform unpacks."]


def test_what_is_no_archive_is_said_to_be_none() -> None:
    assert findings(b"text", replace(PROOF, file="tool-1.0.tar.xz")) == [
        "The file is not a sound tar archive packed by xz: Input format not supported by decoder."
    ]
