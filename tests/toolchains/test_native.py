"""Visual Studio as the linker of Windows: the newest, for the processors that it has libraries for."""

from __future__ import annotations

import pytest

from piot.api.toolchain import Answer, Request
from piot.model.toolchain import Found, Lack, Linker
from piot.model.triple import Triple
from tests.support.toolchains import candidates

(NATIVE,) = (each for each in candidates("linker") if each.name == "native")
HOST = "x86_64-pc-windows-msvc"


def visual_studio(version: str, *targets: str) -> Found:
    return Found(
        probe="msvc",
        program=f"C:\\VS\\2022\\VC\\Tools\\MSVC\\{version}\\bin\\Hostx64\\x64\\cl.exe",
        version="usage: cl",
        answers=(),
        lists=(("targets", targets),),
        siblings=(),
        roots=(),
        digest=version,
    )


def ask(target: str, *found: Found) -> Answer:
    request = Request(
        host=Triple.parse(HOST),
        target=Triple.parse(target),
        glibc="2.17",
        found={"cc": (), "msvc": found},
        pinned=frozenset(),
    )
    return NATIVE.function(request)


OLD, NEW = visual_studio("14.9.1", "x64", "x86", "arm64"), visual_studio("14.44.35207", "x64", "x86")


@pytest.mark.parametrize("target", [HOST, "i686-pc-windows-msvc"])
def test_the_newest_one_is_in_the_key_and_found_by_rustc_itself(target: str) -> None:
    found = ask(target, NEW, OLD)
    assert isinstance(found, Linker)
    assert (found.name, found.triple, found.environment) == ("msvc", target, ())
    assert [(tool.name, tool.version, tool.digest) for tool in found.tools] == [
        ("msvc", "14.44.35207", "14.44.35207")
    ]


def test_what_visual_studio_lacks_is_named() -> None:
    assert ask(HOST) == Lack(
        candidate="Visual Studio",
        reason="none is on this machine",
        remedy='install "Desktop development with C++" with the Visual Studio Installer',
    )
    assert ask("aarch64-pc-windows-msvc", OLD, NEW) == Lack(
        candidate="Visual Studio's C++ 14.44.35207",
        reason="has no libraries for arm64",
        remedy='add "MSVC build tools for arm64" with the Visual Studio Installer',
    )


def test_mingw_is_not_visual_studios() -> None:
    assert ask("x86_64-pc-windows-gnu", NEW) == Lack(candidate="native cc", reason=f"builds for {HOST} only")
