from __future__ import annotations

from collections.abc import Callable

import pytest

from piot.model.proof import WheelProof
from piot.run.verify.wheel import wheel_findings

Maker = Callable[..., bytes]
WheelMaker = Callable[..., tuple[str, bytes]]
PLAIN = {"demo/__init__.py": b"", "demo/py.typed": b""}
INFO = "demo-1.0.dist-info"


def findings(wheel: tuple[str, bytes], proof: WheelProof | None = None) -> list[str]:
    return [*wheel_findings(*wheel, proof or WheelProof(name="demo", version="1.0"))]


def test_a_sound_pure_wheel_has_no_findings(make_wheel: WheelMaker) -> None:
    assert findings(make_wheel(PLAIN)) == []


def test_a_sound_stable_abi_wheel_has_no_findings(make_wheel: WheelMaker, make_elf: Maker) -> None:
    module = make_elf(
        needed=["libc.so.6"], versions={"libc.so.6": {"GLIBC_2.17": ["f"]}}, exports=["PyInit__core"]
    )
    files = {**PLAIN, "demo/_core.abi3.so": module}
    wheel = make_wheel(files, tags="cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64")
    proof = WheelProof(
        name="Demo", version="1.0.0", triple="x86_64-unknown-linux-gnu", glibc="2.17", abi3=(3, 9)
    )
    assert findings(wheel, proof) == []


@pytest.mark.parametrize(
    ("tags", "proof", "expected"),
    [
        (
            "py3-none-any",
            WheelProof(name="other", version="2.0"),
            ["has the name demo, expected other.", "has the version 1.0, expected 2.0."],
        ),
        ("cp312-cp312-{}", WheelProof(name="demo", python="cp312"), []),
        ("cp311-cp311-{}", WheelProof(name="demo", python="cp312"), ["is tagged cp311, expected cp312."]),
        ("cp314-cp314t-{}", WheelProof(name="demo", python="cp314t"), []),
        ("cp314-cp314t-{}", WheelProof(name="demo", python="cp314"), ["is tagged cp314t, expected cp314."]),
        ("cp314-cp314-{}", WheelProof(name="demo", python="cp314t"), ["is tagged cp314, expected cp314t."]),
        ("pp311-pypy311_pp73-{}", WheelProof(name="demo", python="pp311"), []),
        (
            "cp310-abi3-{}",
            WheelProof(name="demo", abi3=(3, 9)),
            ["is tagged cp310-abi3, expected cp39-abi3."],
        ),
        (
            "cp39-cp39-{}",
            WheelProof(name="demo", abi3=(3, 9)),
            ["is tagged cp39-cp39, expected cp39-abi3."],
        ),
        (
            "cp39-abi3-{}",
            WheelProof(name="demo", triple="aarch64-unknown-linux-gnu"),
            ["is tagged manylinux_2_28_x86_64, expected a platform tag for aarch64-unknown-linux-gnu."],
        ),
        (
            "cp39-abi3-{}",
            WheelProof(name="demo", triple="x86_64-unknown-linux-musl"),
            ["is tagged manylinux_2_28_x86_64, expected a platform tag for x86_64-unknown-linux-musl."],
        ),
        (
            "cp39-abi3-{}",
            WheelProof(name="demo", triple="x86_64-unknown-linux-gnu", glibc="2.17"),
            ["is tagged manylinux_2_28_x86_64, expected manylinux for glibc 2.17 or older."],
        ),
        (
            "cp39-abi3-linux_x86_64",
            WheelProof(name="demo", triple="x86_64-unknown-linux-gnu", glibc="2.17"),
            ["is tagged linux_x86_64, expected manylinux for glibc 2.17 or older."],
        ),
        ("cp39-abi3-linux_x86_64", WheelProof(name="demo", triple="x86_64-unknown-linux-gnu"), []),
        (
            "py3-none-any",
            WheelProof(name="demo", triple="x86_64-unknown-linux-gnu"),
            ["is tagged any, expected a platform tag for x86_64-unknown-linux-gnu."],
        ),
    ],
)
def test_the_file_name_keeps_what_the_rule_promised(
    make_wheel: WheelMaker, make_elf: Maker, tags: str, proof: WheelProof, expected: list[str]
) -> None:
    tags = tags.format("manylinux_2_28_x86_64")
    module = make_elf(exports=["PyInit_core"])
    files = PLAIN if tags.endswith("any") else {"demo/core.abi3.so": module}
    wheel = make_wheel(files, tags=tags)
    assert findings(wheel, proof) == [f"{wheel[0]} {each}" for each in expected]


def test_a_file_that_is_no_wheel_is_refused_by_its_name(make_zip: Maker) -> None:
    (finding,) = findings(("demo.whl", make_zip({})))
    assert finding.startswith("demo.whl is not a wheel's file name: Invalid wheel filename")


def test_a_file_that_is_no_zip_has_no_other_findings() -> None:
    assert findings(("demo-1.0-py3-none-any.whl", b"not a zip")) == [
        "The file is not a sound zip archive: File is not a zip file."
    ]


@pytest.mark.parametrize(
    ("replace", "expected"),
    [
        (
            {"demo/__init__.py": b"changed"},
            [
                f"{INFO}/RECORD gives demo/__init__.py the size 0, its size is 7.",
                f"{INFO}/RECORD gives demo/__init__.py the sha256 hash "
                "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU, "
                "its hash is 1n4ulEmUSWyNjsdu7Qz58JZ5RI1YS1Mr6_lBhSo39e0.",
            ],
        ),
        ({"demo/new.py": b""}, [f"{INFO}/RECORD does not list demo/new.py."]),
        (
            {f"{INFO}/WHEEL": None},
            ["demo-1.0-py3-none-any.whl has no single .dist-info folder with METADATA, WHEEL and RECORD."],
        ),
        (
            {"other-1.0.dist-info/METADATA": b""},
            ["demo-1.0-py3-none-any.whl has no single .dist-info folder with METADATA, WHEEL and RECORD."],
        ),
    ],
)
def test_a_wheel_changed_after_it_was_made_is_found(
    make_wheel: WheelMaker, replace: dict[str, bytes | None], expected: list[str]
) -> None:
    assert findings(make_wheel(PLAIN, replace=replace)) == expected


@pytest.mark.parametrize(
    ("member", "data", "expected"),
    [
        (
            "METADATA",
            b"Metadata-Version: 2.4\nName: other\nVersion: 1.1\n",
            [
                f"{INFO}/METADATA has the name other, expected demo.",
                f"{INFO}/METADATA has the version 1.1, expected 1.0.",
            ],
        ),
        (
            "METADATA",
            b"Metadata-Version: 2.4\nName: demo\n",
            [f"{INFO}/METADATA is not valid core metadata: 'version' is a required field."],
        ),
        (
            "METADATA",
            b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\nLicense-File: LICENSE\n",
            [
                "License-File LICENSE is named in the metadata, "
                f"expected at {INFO}/licenses/LICENSE, and missing."
            ],
        ),
        (
            "WHEEL",
            b"Wheel-Version: 2.0\nTag: py3-none-any\n",
            [f"{INFO}/WHEEL has Wheel-Version 2.0, expected 1.0."],
        ),
        (
            "WHEEL",
            b"Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
            [
                f"{INFO}/WHEEL has the tags py2-none-any and py3-none-any, "
                "expected those of the file name: py3-none-any."
            ],
        ),
        (
            "WHEEL",
            b"Wheel-Version: 1.0\n",
            [f"{INFO}/WHEEL has the tags none, expected those of the file name: py3-none-any."],
        ),
    ],
)
def test_metadata_and_wheel_file_agree_with_the_file_name(
    make_wheel: WheelMaker, member: str, data: bytes, expected: list[str]
) -> None:
    wheel = make_wheel(PLAIN, replace={f"{INFO}/{member}": data})
    found = [each for each in findings(wheel) if not each.startswith(f"{INFO}/RECORD")]
    assert found == expected


def test_the_folders_inside_bear_the_name_of_the_wheel(make_wheel: WheelMaker) -> None:
    _, data = make_wheel({"other-1.0.data/scripts/run": b"#!python\n"})
    proof = WheelProof(name="else")
    assert [*wheel_findings("else-2.0-py3-none-any.whl", data, proof)] == [
        f"{INFO} has the name demo, expected else.",
        f"{INFO} has the version 1.0, expected 2.0.",
        "The folder other-1.0.data belongs to no installation scheme, expected demo-1.0.data.",
        f"{INFO}/METADATA has the name demo, expected else.",
        f"{INFO}/METADATA has the version 1.0, expected 2.0.",
    ]


def test_a_program_that_is_to_be_shipped_is_inside_and_can_be_run(make_wheel: WheelMaker) -> None:
    proof = WheelProof(name="demo", programs=("tool",))
    files = {**PLAIN, "demo/_bin/tool": b"#!/bin/sh\n"}
    assert findings(make_wheel(files, runs=["tool"]), proof) == []
    assert findings(make_wheel(files), proof) == [
        "demo/_bin/tool is a program, but is not executable in the wheel."
    ]
    assert findings(make_wheel(PLAIN), proof) == [
        "The program tool is not in the wheel: [tool.maturin] include does not cover it."
    ]


def test_x15_a_program_of_windows_is_the_one_that_ends_in_exe(make_wheel: WheelMaker) -> None:
    proof = WheelProof(name="demo", programs=("tool.exe",))
    assert findings(make_wheel({**PLAIN, "demo/_bin/tool": b"MZ"}, runs=["tool"]), proof) == [
        "The program tool.exe is not in the wheel: [tool.maturin] include does not cover it."
    ]
    assert findings(make_wheel({**PLAIN, "demo/_bin/tool.exe": b"MZ"}, runs=["tool.exe"]), proof) == []


def test_a_wheel_for_one_platform_is_refused_where_one_for_all_is_expected(
    make_wheel: WheelMaker, make_elf: Maker
) -> None:
    files = {**PLAIN, "demo/_core.so": make_elf(exports=["PyInit__core"])}
    proof = WheelProof(name="demo", version="1.0", pure=True)
    (found,) = findings(make_wheel(files, tags="cp312-cp312-linux_x86_64"), proof)
    assert found.endswith("is tagged linux_x86_64, expected any: its package declares no targets.")
    assert findings(make_wheel(PLAIN), proof) == []


def test_entry_points_lead_into_the_wheel(make_wheel: WheelMaker) -> None:
    text = b"[console_scripts]\ndemo = demo.gone:main\n"
    assert findings(make_wheel({**PLAIN, f"{INFO}/entry_points.txt": text})) == [
        f"demo in [console_scripts] of {INFO}/entry_points.txt leads to demo.gone, which is not in the wheel."
    ]
