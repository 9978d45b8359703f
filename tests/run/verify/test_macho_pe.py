from __future__ import annotations

import struct

import pytest

from piot.run.verify.macho_pe import Image, is_macho, is_pe, read_macho, read_pe

X86_64, ARM64 = 0x01000007, 0x0100000C


def thin(cpu: int, kind: int) -> bytes:
    return struct.pack("<IIIIIIII", 0xFEEDFACF, cpu, 0, kind, 0, 0, 0, 0)


def fat(*images: bytes) -> bytes:
    start = 8 + 20 * len(images)
    rows = b""
    for image in images:
        rows += struct.pack(">IIIII", 0, 0, start, len(image), 0)
        start += len(image)
    return struct.pack(">II", 0xCAFEBABE, len(images)) + rows + b"".join(images)


def pe(machine: int, flags: int) -> bytes:
    header = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 0, 0, 0, 0, 0, flags)
    return b"MZ" + bytes(0x3A) + struct.pack("<I", 0x80) + bytes(0x40) + header


@pytest.mark.parametrize(
    ("data", "kind", "machines"),
    [
        (thin(X86_64, 2), "program", {"x86_64"}),
        (thin(ARM64, 6), "library", {"aarch64"}),
        (thin(ARM64, 8), "library", {"aarch64"}),
        (thin(ARM64, 1), "other", {"aarch64"}),
        (thin(7, 2), "program", {"machine 0x7"}),
        (fat(thin(X86_64, 6), thin(ARM64, 6)), "library", {"x86_64", "aarch64"}),
        (fat(thin(X86_64, 6), thin(ARM64, 2)), "other", {"x86_64", "aarch64"}),
    ],
)
def test_mach_o_headers_tell_kind_and_machines(data: bytes, kind: str, machines: set[str]) -> None:
    assert is_macho(data)
    assert read_macho(data) == Image(kind=kind, machines=frozenset(machines))


@pytest.mark.parametrize(
    ("data", "kind", "machines"),
    [
        (pe(0x8664, 0x0022), "program", {"x86_64"}),
        (pe(0xAA64, 0x2022), "library", {"aarch64"}),
        (pe(0x014C, 0x0102), "program", {"i686"}),
        (pe(0x01C4, 0), "other", {"machine 0x1c4"}),
    ],
)
def test_pe_headers_tell_kind_and_machine(data: bytes, kind: str, machines: set[str]) -> None:
    assert is_pe(data)
    assert read_pe(data) == Image(kind=kind, machines=frozenset(machines))


@pytest.mark.parametrize(
    "data",
    [thin(ARM64, 2)[:20], fat(thin(ARM64, 2))[:30], fat(thin(ARM64, 2))[:12]],
    ids=["thin", "slice", "table"],
)
def test_a_mach_o_file_that_is_cut_short_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="its Mach-O header is cut short"):
        read_macho(data)


def test_a_pe_file_that_is_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="its PE header is cut short"):
        read_pe(pe(0x8664, 2)[:-4])


def test_a_java_class_is_no_mach_o_file_and_text_no_pe_file() -> None:
    assert not is_macho(bytes.fromhex("cafebabe00000041"))
    assert not is_pe(b"MZ is how this text begins" + bytes(100))
