from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from piot.errors import InputError
from piot.model.proof import BinaryProof, LibraryProof
from piot.run.verify.native import format_of, glibc_floor, native_findings

Maker = Callable[..., bytes]
GLIBC = {
    "needed": ["libc.so.6"],
    "versions": {"libc.so.6": {"GLIBC_2.34": ["__libc_start_main"]}},
    "interpreter": "/lib64/ld-linux-x86-64.so.2",
    "pie": True,
}
MUSL = {"needed": ["libc.so"], "interpreter": "/lib/ld-musl-x86_64.so.1", "pie": True}
MACHO = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x0100000C, 0, 2, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "proof", "expected"),
    [
        (GLIBC, BinaryProof(triple="x86_64-unknown-linux-gnu"), []),
        (GLIBC, BinaryProof(triple="x86_64-unknown-linux-gnu", glibc="2.34"), []),
        (
            GLIBC,
            BinaryProof(triple="x86_64-unknown-linux-gnu", glibc="2.17"),
            [
                "app needs GLIBC_2.34 of libc.so.6 (for __libc_start_main), "
                "a floor of 2.17 allows at most GLIBC_2.17."
            ],
        ),
        (
            GLIBC,
            BinaryProof(triple="aarch64-unknown-linux-gnu"),
            ["app is built for x86_64, expected aarch64 for aarch64-unknown-linux-gnu."],
        ),
        (
            GLIBC,
            LibraryProof(triple="x86_64-unknown-linux-gnu"),
            ["app is a program, expected a shared library."],
        ),
        (
            {},
            BinaryProof(triple="x86_64-unknown-linux-gnu"),
            ["app is a shared library, expected a program."],
        ),
        (
            {"kind": 1},
            LibraryProof(triple="x86_64-unknown-linux-gnu"),
            ["app is an object that can be neither run nor loaded, expected a shared library."],
        ),
        (
            MUSL,
            BinaryProof(triple="x86_64-unknown-linux-gnu"),
            ["app needs musl's libc, expected glibc for x86_64-unknown-linux-gnu."],
        ),
        (
            GLIBC,
            BinaryProof(triple="x86_64-unknown-linux-musl"),
            ["app needs glibc, expected musl's libc for x86_64-unknown-linux-musl."],
        ),
        (
            MUSL,
            BinaryProof(triple="x86_64-unknown-linux-musl"),
            [
                "app is linked dynamically (libc.so, /lib/ld-musl-x86_64.so.1), "
                "expected a static program for x86_64-unknown-linux-musl."
            ],
        ),
        (
            {**GLIBC, "needed": ["libc.so.6", "libstdc++.so.6", "libssl.so.3", "libpq.so.5"]},
            BinaryProof(triple="x86_64-unknown-linux-gnu"),
            [
                "app needs libpq.so.5 and libssl.so.3, "
                "which not every system has and its target does not declare."
            ],
        ),
        (
            {"needed": ["libssl.so.3"]},
            LibraryProof(triple="x86_64-unknown-linux-gnu", glibc="2.28"),
            ["app needs libssl.so.3, which not every system has and its target does not declare."],
        ),
        ({"needed": ["libssl.so.3"]}, LibraryProof(triple="x86_64-unknown-linux-gnu", foreign=True), []),
        ({"pie": True}, BinaryProof(triple="x86_64-unknown-linux-musl"), []),
        ({"needed": ["libc.so"]}, LibraryProof(triple="x86_64-unknown-linux-musl"), []),
        (
            {"runpath": "/opt"},
            LibraryProof(triple="x86_64-unknown-linux-gnu"),
            ["app searches libraries in /opt, expected only paths below $ORIGIN."],
        ),
        ({"machine": 40, "bits": 32}, LibraryProof(triple="armv7-unknown-linux-gnueabihf"), []),
        (
            {"machine": 40, "bits": 32},
            LibraryProof(triple="aarch64-unknown-linux-gnu"),
            ["app is built for arm or armv7, expected aarch64 for aarch64-unknown-linux-gnu."],
        ),
        (
            {},
            LibraryProof(triple="sparc64-unknown-linux-gnu"),
            ["app cannot be proven: piot does not know the machine of sparc64-unknown-linux-gnu."],
        ),
        (
            {},
            LibraryProof(triple="x86_64-pc-windows-msvc"),
            ["app is a file of format ELF, expected PE for x86_64-pc-windows-msvc."],
        ),
    ],
)
def test_an_elf_file_is_proven_for_its_triple(
    make_elf: Maker, options: dict[str, object], proof: BinaryProof | LibraryProof, expected: list[str]
) -> None:
    assert [*native_findings("app", make_elf(**options), proof)] == expected


@pytest.mark.parametrize(
    ("data", "triple", "expected"),
    [
        (MACHO, "aarch64-apple-darwin", []),
        (
            MACHO,
            "universal2-apple-darwin",
            ["app is built for aarch64, expected aarch64 and x86_64 for universal2-apple-darwin."],
        ),
        (b"\0asm\1\0\0\0", "wasm32-wasip1", []),
        (
            b"#!/bin/sh\n",
            "x86_64-unknown-linux-gnu",
            ["app cannot be proven: it is neither ELF, Mach-O, PE nor WebAssembly."],
        ),
    ],
)
def test_other_formats_are_proven_by_their_headers(data: bytes, triple: str, expected: list[str]) -> None:
    assert [*native_findings("app", data, BinaryProof(triple=triple))] == expected


def test_a_damaged_elf_file_is_said_to_be_damaged() -> None:
    (finding,) = native_findings("app", b"\x7fELF", BinaryProof(triple="x86_64-unknown-linux-gnu"))
    assert finding.startswith("app cannot be proven: it is not a sound ELF file (")


def test_text_has_no_format() -> None:
    assert format_of(b"import os\n") is None
    assert format_of(b"") is None


@pytest.mark.parametrize("text", ["2", "2.x", "", "2.17.1"])
def test_a_floor_that_is_no_version_is_an_error_of_the_input(text: str) -> None:
    with pytest.raises(InputError, match="not a version of glibc"):
        glibc_floor(text)
