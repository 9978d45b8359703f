from __future__ import annotations

from collections.abc import Callable

import pytest

from piot.run.verify.elf import read_elf
from piot.run.verify.policy import glibc_findings, path_findings, policy_findings, policy_of
from piot.run.verify.tags import parse_tag

Maker = Callable[..., bytes]


def libc(*versions: str) -> dict[str, object]:
    return {"needed": ["libc.so.6"], "versions": {"libc.so.6": {version: ["f"] for version in versions}}}


@pytest.mark.parametrize(
    ("tag", "options", "expected"),
    [
        ("manylinux_2_17_x86_64", libc("GLIBC_2.2.5", "GLIBC_2.17"), []),
        (
            "manylinux_2_17_x86_64",
            libc("GLIBC_2.2.5", "GLIBC_2.18", "GLIBC_2.9"),
            ["m.so needs GLIBC_2.18 of libc.so.6 (for f), manylinux_2_17_x86_64 allows at most GLIBC_2.17."],
        ),
        ("manylinux_2_30_x86_64", libc("GLIBC_2.30"), []),
        ("manylinux_2_36_x86_64", libc("GLIBC_ABI_DT_RELR"), []),
        (
            "manylinux_2_35_x86_64",
            libc("GLIBC_ABI_DT_RELR"),
            [
                "m.so needs GLIBC_ABI_DT_RELR of libc.so.6 (for f), "
                "manylinux_2_35_x86_64 allows at most GLIBC_2.35."
            ],
        ),
        (
            "manylinux_2_28_x86_64",
            libc("GLIBC_PRIVATE"),
            [
                "m.so needs GLIBC_PRIVATE of libc.so.6 (for f), "
                "manylinux_2_28_x86_64 allows at most GLIBC_2.28."
            ],
        ),
        (
            "manylinux_2_17_x86_64",
            {"needed": ["libssl.so.3", "libpython3.11.so.1.0", "ld-linux-x86-64.so.2", "libown.so"]},
            [
                "m.so needs libpython3.11.so.1.0 and libssl.so.3, "
                "which manylinux_2_17_x86_64 does not promise and the wheel does not bring."
            ],
        ),
        (
            "manylinux_2_17_x86_64",
            {"needed": ["libstdc++.so.6"], "versions": {"libstdc++.so.6": {"GLIBCXX_3.4.20": ["g"]}}},
            [
                "m.so needs GLIBCXX_3.4.20 of libstdc++.so.6 (for g), "
                "which manylinux_2_17_x86_64 does not promise."
            ],
        ),
        (
            "manylinux_2_17_x86_64",
            {"needed": ["libz.so.1"], "imports": ["inflate_table", "inflate"]},
            ["m.so uses inflate_table, private to libz.so.1 or absent where manylinux_2_17_x86_64 begins."],
        ),
        ("manylinux_2_17_x86_64", {"needed": ["libz.so.1"], "weak": ["inflate_table"]}, []),
        (
            "manylinux_2_17_riscv64",
            {"machine": 243},
            ["No policy exists for manylinux_2_17_riscv64, so m.so cannot be proven to run there."],
        ),
        ("musllinux_1_2_x86_64", {"needed": ["libc.so"]}, []),
        ("musllinux_1_2_x86_64", {"needed": ["libc.musl-x86_64.so.1"]}, []),
        ("musllinux_1_2_armv7l", {"needed": ["libc.musl-armv7.so.1"]}, []),
        (
            "musllinux_1_2_x86_64",
            libc("GLIBC_2.2.5"),
            [
                "m.so needs libc.so.6, "
                "which musllinux_1_2_x86_64 does not promise and the wheel does not bring."
            ],
        ),
        (
            "musllinux_1_2_x86_64",
            {"needed": ["libc.so", "libgcc_s.so.1"]},
            [
                "m.so needs libgcc_s.so.1, "
                "which musllinux_1_2_x86_64 does not promise and the wheel does not bring."
            ],
        ),
    ],
)
def test_a_tag_promises_only_what_its_policy_says(
    make_elf: Maker, tag: str, options: dict[str, object], expected: list[str]
) -> None:
    elf = read_elf(make_elf(**options))
    assert [*policy_findings("m.so", elf, parse_tag(tag), frozenset({"libown.so"}))] == expected


def test_a_policy_between_two_known_ones_is_the_older() -> None:
    assert policy_of("manylinux", (2, 30), "x86_64") == policy_of("manylinux", (2, 28), "x86_64")
    assert policy_of("manylinux", (2, 4), "x86_64") is None


def test_the_highest_glibc_is_found_by_number_and_not_by_text(make_elf: Maker) -> None:
    elf = read_elf(make_elf(**libc("GLIBC_2.9", "GLIBC_2.10")))
    assert [*glibc_findings("p", elf, (2, 10), "a floor of 2.10")] == []
    assert [*glibc_findings("p", elf, (2, 9), "a floor of 2.9")] == [
        "p needs GLIBC_2.10 of libc.so.6 (for f), a floor of 2.9 allows at most GLIBC_2.9."
    ]


@pytest.mark.parametrize(
    ("runpath", "expected"),
    [
        (None, []),
        ("$ORIGIN/../demo.libs:${ORIGIN}", []),
        ("$ORIGIN:/opt/lib", ["m.so searches libraries in /opt/lib, expected only paths below $ORIGIN."]),
        ("lib:x", ["m.so searches libraries in lib and x, expected only paths below $ORIGIN."]),
    ],
)
def test_search_paths_must_move_with_the_file(
    make_elf: Maker, runpath: str | None, expected: list[str]
) -> None:
    assert [*path_findings("m.so", read_elf(make_elf(runpath=runpath)))] == expected
