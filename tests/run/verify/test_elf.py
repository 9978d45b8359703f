from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.run.verify.elf import Elf, read_elf

Maker = Callable[..., bytes]


def test_the_facts_of_a_shared_library_are_read(make_elf: Maker) -> None:
    data = make_elf(
        needed=["libc.so.6", "libm.so.6"],
        versions={
            "libc.so.6": {"GLIBC_2.2.5": ["malloc", "free"], "GLIBC_2.17": ["clock_gettime"]},
            "libm.so.6": {"GLIBC_2.29": ["exp"]},
        },
        exports=["PyInit_core"],
        imports=["PyModule_Create2"],
        weak=["__cxa_thread_atexit_impl"],
        soname="libdemo.so",
        runpath="$ORIGIN/../demo.libs:/opt/lib",
    )

    assert read_elf(data) == Elf(
        machine=("EM_X86_64", 64, True),
        kind="ET_DYN",
        pie=False,
        interpreter=None,
        soname="libdemo.so",
        needed=("libc.so.6", "libm.so.6"),
        paths=("$ORIGIN/../demo.libs", "/opt/lib"),
        versions={
            ("libc.so.6", "GLIBC_2.2.5"): ("free", "malloc"),
            ("libc.so.6", "GLIBC_2.17"): ("clock_gettime",),
            ("libm.so.6", "GLIBC_2.29"): ("exp",),
        },
        undefined=frozenset({"malloc", "free", "clock_gettime", "exp", "PyModule_Create2"}),
        exported=frozenset({"PyInit_core"}),
    )


@pytest.mark.parametrize(
    ("machine", "bits", "little", "expected"),
    [
        (62, 64, True, {"x86_64"}),
        (183, 64, True, {"aarch64"}),
        (3, 32, True, {"i686"}),
        (40, 32, True, {"arm", "armv7"}),
        (22, 64, False, {"s390x"}),
        (21, 64, False, {"powerpc64"}),
        (21, 64, True, {"powerpc64le"}),
        (243, 64, True, {"riscv64"}),
        (258, 64, True, {"loongarch64"}),
        (62, 32, True, {"EM_X86_64 (32 bits)"}),
        (8, 32, False, {"EM_MIPS (32 bits)"}),
    ],
)
def test_the_machine_is_named_as_in_triples(
    make_elf: Maker, machine: int, bits: int, little: bool, expected: set[str]
) -> None:
    assert read_elf(make_elf(machine=machine, bits=bits, little=little)).machines == expected


@pytest.mark.parametrize(
    ("options", "program", "library"),
    [
        ({"kind": 2}, True, False),
        ({"interpreter": "/lib64/ld-linux-x86-64.so.2", "pie": True}, True, False),
        ({"pie": True}, True, False),
        ({"interpreter": "/lib64/ld-linux-x86-64.so.2"}, True, True),
        ({}, False, True),
        ({"kind": 1}, False, False),
    ],
    ids=["fixed program", "program", "static program", "libc", "library", "object"],
)
def test_programs_and_libraries_are_told_apart(
    make_elf: Maker, options: dict[str, object], program: bool, library: bool
) -> None:
    elf = read_elf(make_elf(**options))
    assert (elf.is_program, elf.is_library) == (program, library)


def test_versions_without_section_headers_cannot_be_read_and_are_not_passed_over(make_elf: Maker) -> None:
    data = make_elf(versions={"libc.so.6": {"GLIBC_2.99": ["new"]}}, stripped=True)
    with pytest.raises(ValueError, match="its section headers were removed"):
        read_elf(data)


def test_the_running_interpreter_is_read() -> None:
    data = Path(sys.executable).resolve().read_bytes()
    if data[:4] != b"\x7fELF":
        pytest.skip("this system's programs are not ELF")
    elf = read_elf(data)
    assert elf.is_program
    assert elf.needed
    assert elf.interpreter


SAMPLE_OPTIONS = {"needed": ["libc.so.6"], "versions": {"libc.so.6": {"GLIBC_2.17": ["f"]}}, "exports": ["g"]}


@given(st.data())
def test_a_damaged_file_is_refused_or_read_but_never_crashes(make_elf: Maker, data: st.DataObject) -> None:
    sound = make_elf(**SAMPLE_OPTIONS)
    damaged = bytearray(sound[: data.draw(st.integers(min_value=0, max_value=len(sound)))])
    for _ in range(data.draw(st.integers(min_value=0, max_value=4)) if damaged else 0):
        damaged[data.draw(st.integers(min_value=0, max_value=len(damaged) - 1))] = data.draw(
            st.integers(0, 255)
        )
    try:
        assert isinstance(read_elf(bytes(damaged)), Elf)
    except ValueError as error:
        assert str(error)
