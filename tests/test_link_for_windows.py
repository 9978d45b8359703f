"""The toolchain file of the how-to page, for a copy of Microsoft's SDK: found, identified, planned with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piot.app.planning import rule_finder, surroundings
from piot.app.request import BuildRequest
from piot.app.session import Session
from piot.app.where import Where
from piot.load import repository, rule_files
from piot.model.label import Label
from piot.model.plan import BuildPlan, Configured
from piot.model.toolchain import Found, Lack, Linker
from piot.model.triple import Triple
from piot.plan.analyze import Analysis
from piot.plan.toolchains import Machine, Toolchains
from piot.run.probe import probe
from tests.plan.conftest import no_python
from tests.plan.test_every_triple import LINUX, cc, example, node, rustc
from tests.support.toolchains import candidates
from tests.test_build_example import ROOT, blocks

__all__ = ["example"]

PAGE = ROOT / "docs/how-to/link-for-windows.md"
TARGET = "x86_64-pc-windows-msvc"
LABEL = Label.parse("//build_defs:windows.py")
LIBRARIES = ("crt/lib/x86_64/msvcrt.lib", "sdk/lib/um/x86_64/kernel32.lib", "sdk/lib/ucrt/x86_64/ucrt.lib")


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    """A folder as xwin makes it, without anything real in it, and a linker on PATH."""
    for each in LIBRARIES:
        (tmp_path / "sdk" / each).parent.mkdir(parents=True)
        (tmp_path / "sdk" / each).write_text(each)
    program = tmp_path / "bin/lld-link"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho LLD 19.1\n")
    program.chmod(0o755)
    return tmp_path / "sdk"


@pytest.fixture
def file(sdk: Path) -> Any:
    """The page's file, with the place of this SDK in it."""
    place = sdk.parent / "repository/build_defs/windows.py"
    place.parent.mkdir(parents=True)
    place.write_text(blocks(PAGE)["build_defs/windows.py"].replace("/opt/xwin", str(sdk)))
    return rule_files.execute(rule_files.find(LABEL, sdk.parent / "repository", repository.read))


def found(file: Any, sdk: Path) -> tuple[Found, ...]:
    return probe(file.LLD, environ={"PATH": f"{sdk.parent}/bin:/bin:/usr/bin"}, cache=sdk.parent / "cache")


def planned(file: Any, sdk: Path, example: Path, label: str) -> BuildPlan:
    tools = {"rustc": (rustc(LINUX),), "cc": (cc(LINUX),), "lld-link": found(file, sdk)}
    machine = Machine(host=LINUX, glibc=(2, 17), found=tools, pinned=frozenset({"ziglang", "cargo-zigbuild"}))
    chosen = Toolchains((file.windows, *candidates("rust", "linker")), machine, glibc="2.17", channel=None)
    session = Session(Where(directory=example, environ={"HOME": "/home", "PATH": ""}), lambda _: None)
    vars(session)["host"] = LINUX
    around = surroundings(session, BuildRequest(patterns=()), chosen, {}, no_python, node=node)
    analysis = Analysis(session.graph, around, rule_finder(session))
    return analysis.plan([Configured(label=Label.parse(label), triple=TARGET)])


def test_a_program_is_linked_with_the_copy(file: Any, sdk: Path, example: Path) -> None:
    plan = planned(file, sdk, example, "//crates/cli:cli")
    (action,) = (each for each in plan.actions.values() if each.mnemonic == "cargo build")
    variables = dict(action.environment)
    assert variables["CARGO_TARGET_X86_64_PC_WINDOWS_MSVC_LINKER"] == "lld-link"
    assert variables["LIB"] == (
        "%{tool:windows-sdk}/crt/lib/x86_64;%{tool:windows-sdk}/sdk/lib/um/x86_64;"
        "%{tool:windows-sdk}/sdk/lib/ucrt/x86_64"
    )
    assert variables["PIOT_EXPAND"].startswith("PATH ") and " LIB " in variables["PIOT_EXPAND"]
    assert action.argv[1:] == (
        ".piot/shims/binary",
        f".piot/target/{TARGET}/release/rakelet.exe",
        "out/rakelet.exe",
        *("build", "--manifest-path", "crates/cli/Cargo.toml", "--bin", "rakelet"),
        *("--profile", "release", "--target", TARGET, "--offline"),
    )
    (tool,) = (each for each in action.tools if each.name == "lld-link")
    assert tool.programs == (("lld-link", f"{sdk.parent}/bin/lld-link"), ("windows-sdk", str(sdk)))
    assert tool.roots == (str(sdk),)


def test_the_key_knows_the_linker_and_every_library(file: Any, sdk: Path) -> None:
    (before,) = found(file, sdk)
    digests = {before.digest}
    for number, each in enumerate(LIBRARIES, 1):
        (sdk / each).write_text("another\n")
        digests.add(found(file, sdk)[0].digest)
        assert len(digests) == number + 1


def test_wheels_are_for_a_windows_machine_all_the_same(file: Any, sdk: Path, example: Path) -> None:
    (blocked,) = planned(file, sdk, example, "//packages/python:wheel").unbuildable
    said = "maturin: downloads an SDK of its own to link for Windows (build it on windows-latest)"
    assert [str(each) for each in blocked.lacks] == [said]
    assert f"`{said}`" in PAGE.read_text("utf-8")


def test_what_is_missing_is_named(file: Any, sdk: Path) -> None:
    toolchains = Toolchains(
        (file.windows,),
        Machine(host=LINUX, glibc=(), found={"lld-link": found(file, sdk)}, pinned=frozenset()),
        glibc="2.17",
        channel=None,
    )
    assert isinstance(toolchains.linker(Triple.parse(TARGET)), Linker)
    assert toolchains.linker(LINUX) == ()
    assert toolchains.linker(Triple.parse("aarch64-pc-windows-msvc")) == (
        Lack(
            candidate=str(sdk),
            reason="has no libraries for aarch64",
            remedy=f"xwin --accept-license --arch aarch64 splat --output {sdk}",
        ),
    )
