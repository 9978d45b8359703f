from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from piot.run.verify.tags import parse_tag
from piot.run.verify.wheel_native import Content, content_findings

Maker = Callable[..., bytes]
LINUX = "manylinux_2_17_x86_64"
CORE = {"exports": ["PyInit_core"]}
MACHO = struct.pack("<IIIIIIII", 0xFEEDFACF, 0x0100000C, 0, 8, 0, 0, 0, 0)
PE = (
    b"MZ"
    + bytes(0x3A)
    + struct.pack("<I", 0x40)
    + b"PE\0\0"
    + struct.pack("<HHIIIHH", 0x8664, 0, 0, 0, 0, 0, 0x2022)
)
WHEEL = {"demo-1.0.dist-info/WHEEL": b"Root-Is-Purelib: false\n"}


def findings(members: dict[str, bytes], abi: str, *tags: str) -> list[str]:
    platforms = tuple(parse_tag(tag) for tag in tags)
    return [
        *content_findings(Content(members={**WHEEL, **members}, platforms=platforms, abis=frozenset({abi})))
    ]


@pytest.mark.parametrize(
    ("name", "abi", "tag", "expected"),
    [
        ("core.abi3.so", "abi3", LINUX, None),
        ("core.so", "abi3", LINUX, "core.abi3.so"),
        ("core.cpython-311-x86_64-linux-gnu.so", "abi3", LINUX, "core.abi3.so"),
        ("core.abi3.so", "abi3t", LINUX, "core.abi3t.so"),
        ("core.cpython-311-x86_64-linux-gnu.so", "cp311", LINUX, None),
        ("core.so", "cp311", LINUX, None),
        ("core.abi3.so", "cp311", LINUX, None),
        ("core.cpython-312-x86_64-linux-gnu.so", "cp311", LINUX, "core.cpython-311-x86_64-linux-….so"),
        ("core.cpython-311-aarch64-linux-gnu.so", "cp311", LINUX, "core.cpython-311-x86_64-linux-….so"),
        ("core.cpython-313-x86_64-linux-gnu.so", "cp313t", LINUX, "core.cpython-313t-x86_64-linux-….so"),
        ("core.pypy311-pp73-x86_64-linux-gnu.so", "pypy311_pp73", LINUX, None),
        ("core.so", "none", LINUX, None),
    ],
)
def test_an_extension_module_has_a_name_that_its_pythons_import(
    make_elf: Maker, name: str, abi: str, tag: str, expected: str | None
) -> None:
    text = f"demo/{name} cannot be imported under the wheel's tags, expected the name {expected}."
    assert findings({f"demo/{name}": make_elf(**CORE)}, abi, tag) == ([text] if expected else [])


@pytest.mark.parametrize(
    ("name", "abi", "expected"),
    [
        ("core.pyd", "abi3", None),
        ("core.cp311-win_amd64.pyd", "abi3", "core.pyd"),
        ("core.pyd", "cp311", None),
    ],
)
def test_a_module_for_windows_has_no_abi_in_its_stable_name(
    name: str, abi: str, expected: str | None
) -> None:
    text = f"{name} cannot be imported under the wheel's tags, expected the name {expected}."
    assert findings({name: PE}, abi, "win_amd64") == ([text] if expected else [])


def test_a_library_that_nobody_imports_or_needs_is_stray(make_elf: Maker) -> None:
    core = make_elf(**CORE, needed=["libused-1a2b.so.1"], runpath="$ORIGIN/../demo.libs")
    members = {
        "demo/core.abi3.so": core,
        "demo.libs/libused-1a2b.so.1": make_elf(soname="libused-1a2b.so.1"),
        "demo.libs/libstray.so.1": make_elf(soname="libstray.so.1"),
        "demo/wrong.abi3.so": make_elf(**CORE),
    }
    assert findings(members, "abi3", LINUX) == [
        "demo.libs/libstray.so.1 is a stray library: it has no PyInit_libstray, and no other file needs it.",
        "demo/wrong.abi3.so is a stray library: it has no PyInit_wrong, and no other file needs it.",
    ]


def test_a_wheel_that_opens_its_library_itself_may_call_it_anything(make_elf: Maker) -> None:
    assert findings({"demo/libdemo.so": make_elf()}, "none", LINUX) == []


def test_a_program_in_a_wheel_must_keep_the_tag_too(make_elf: Maker) -> None:
    program = make_elf(needed=["libc.so.6"], versions={"libc.so.6": {"GLIBC_2.34": ["main"]}}, pie=True)
    assert findings({"demo-1.0.data/scripts/demo": program}, "none", LINUX) == [
        "demo-1.0.data/scripts/demo needs GLIBC_2.34 of libc.so.6 (for main), "
        "manylinux_2_17_x86_64 allows at most GLIBC_2.17."
    ]


@pytest.mark.parametrize(
    ("name", "data", "tag", "expected"),
    [
        (
            "demo/core.abi3.so",
            None,
            "manylinux_2_17_aarch64",
            "is built for x86_64, expected aarch64 for {tag}.",
        ),
        (
            "demo/core.abi3.so",
            None,
            "macosx_11_0_arm64",
            "is a file of format ELF, expected Mach-O for {tag}.",
        ),
        ("demo/core.abi3.so", MACHO, "macosx_11_0_arm64", None),
        (
            "demo/core.abi3.so",
            MACHO,
            "macosx_10_12_x86_64",
            "is built for aarch64, expected x86_64 for {tag}.",
        ),
        (
            "demo/core.abi3.so",
            MACHO,
            "macosx_10_12_universal2",
            "is built for aarch64, expected aarch64 and x86_64 for {tag}.",
        ),
        ("demo/core.pyd", PE, "win_arm64", "is built for x86_64, expected aarch64 for {tag}."),
        ("demo/core.pyd", PE, "win_amd64", None),
        ("demo/core.abi3.so", b"\x7fELF damaged", LINUX, "cannot be proven: it is not a sound ELF file"),
        (
            "demo-1.0.data/purelib/core.abi3.so",
            None,
            LINUX,
            "lies in purelib, expected platlib for a binary.",
        ),
    ],
)
def test_every_binary_is_for_the_platform_of_the_tag(
    make_elf: Maker, name: str, data: bytes | None, tag: str, expected: str | None
) -> None:
    found = findings({name: data or make_elf(**CORE), "demo/more.abi3.so": b""}, "abi3", tag)
    empty = "demo/more.abi3.so is named as a library, but is neither ELF, Mach-O, PE nor WebAssembly."
    assert empty in found
    others = [each for each in found if each != empty and "holds no binary" not in each]
    assert len(others) == (expected is not None)
    assert all(each.startswith(f"{name} {(expected or '').format(tag=tag)}") for each in others)


def test_a_wheel_for_any_platform_holds_no_binary_but_launchers_and_webassembly(make_elf: Maker) -> None:
    data = {"demo/launcher.exe": PE, "demo/logic.wasm": b"\0asm\1\0\0\0"}
    assert findings(data, "none", "any") == []
    assert findings({**data, "demo/core.so": make_elf(**CORE)}, "none", "any") == [
        "The wheel is tagged any, but holds binaries for one platform: demo/core.so."
    ]


def test_a_wheel_for_one_platform_holds_something_for_it() -> None:
    assert findings({"demo/__init__.py": b""}, "abi3", LINUX) == [
        "The wheel is tagged manylinux_2_17_x86_64, but holds no binary for it."
    ]


def test_a_platform_that_is_not_known_is_not_passed_over(make_elf: Maker) -> None:
    assert findings({"demo/core.abi3.so": make_elf(**CORE)}, "abi3", "plan9_amd64") == [
        "The wheel is tagged plan9_amd64, a platform that piot does not know."
    ]


def test_binaries_do_not_lie_in_a_wheel_whose_root_is_purelib(make_elf: Maker) -> None:
    members = {"demo-1.0.dist-info/WHEEL": b"Root-Is-Purelib: true\n", "demo/core.abi3.so": make_elf(**CORE)}
    assert findings(members, "abi3", LINUX) == [
        "demo-1.0.dist-info/WHEEL has Root-Is-Purelib: true, expected false for a wheel with binaries."
    ]
