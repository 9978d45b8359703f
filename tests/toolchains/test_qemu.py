"""qemu's user mode: for Linux on another processor, with the C library of that."""

from __future__ import annotations

from typing import Any

import pytest

from piot.api.toolchain import Answer, Request
from piot.load import repository, rule_files
from piot.model.label import Label
from piot.model.platforms import PLATFORMS
from piot.model.toolchain import Emulator, Found
from piot.model.triple import Triple
from tests.support.checkout import ROOT

LABEL = Label.parse("@piot//toolchains:qemu.py")
FILE: Any = rule_files.execute(rule_files.find(LABEL, ROOT, repository.read))
HOST = "x86_64-unknown-linux-gnu"


def found(machine: str, *loaders: str) -> Found:
    return Found(
        probe=f"qemu-{machine}",
        program=f"/usr/bin/qemu-{machine}-static",
        version="qemu version 7.2\nCopyright",
        answers=(),
        lists=(("loaders", loaders),),
        siblings=(),
        roots=(),
        digest="d",
    )


def ask(target: str, *tools: Found, host: str = HOST) -> Answer:
    request = Request(
        host=Triple.parse(host),
        target=Triple.parse(target),
        glibc="2.17",
        found={each.probe: (each,) for each in tools},
        pinned=frozenset(),
    )
    answer: Answer = FILE.qemu.function(request)
    return answer


def test_programs_for_glibc_find_their_c_library() -> None:
    answer = ask("aarch64-unknown-linux-gnu", found("aarch64", "ld-linux-aarch64.so.1"))
    assert isinstance(answer, Emulator)
    assert answer.argv == ("%{tool:qemu-aarch64}", "-L", "%{tool:qemu-aarch64-libc}")
    assert answer.tool.version == "qemu version 7.2"
    assert answer.tool.programs == (
        ("qemu-aarch64", "/usr/bin/qemu-aarch64-static"),
        ("qemu-aarch64-libc", "/usr/aarch64-linux-gnu"),
    )
    assert answer.tool.roots == ("/usr/aarch64-linux-gnu",)


def test_static_programs_need_none() -> None:
    answer = ask("riscv64gc-unknown-linux-musl", found("riscv64"))
    assert isinstance(answer, Emulator)
    assert (answer.argv, answer.tool.roots) == (("%{tool:qemu-riscv64}",), ())


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        ((), "qemu-s390x: is not on PATH, or does not run (install qemu-user-static)"),
        (
            (found("s390x"),),
            "qemu-s390x: finds no C library for s390x in /usr/s390x-linux-gnu (install libc6-s390x-cross)",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_package(tools: tuple[Found, ...], said: str) -> None:
    assert str(ask("s390x-unknown-linux-gnu", *tools)) == said


@pytest.mark.parametrize(
    ("target", "host"),
    [("aarch64-apple-darwin", HOST), ("aarch64-unknown-linux-gnu", "aarch64-apple-darwin")],
)
def test_it_is_silent_where_it_can_do_nothing(target: str, host: str) -> None:
    assert ask(target, found("aarch64", "ld-linux-aarch64.so.1"), host=host) == ()


def test_every_processor_of_linux_has_an_emulator() -> None:
    assert {row.arch for row in PLATFORMS.values() if row.os == "linux"} == set(FILE.MACHINES)
