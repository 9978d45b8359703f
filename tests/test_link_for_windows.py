"""What the how-to page promises of a copy of Microsoft's SDK: found, identified, shown, and used."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from piot.model.toolchain import Found, Lack, Linker
from piot.model.triple import Triple
from piot.plan.toolchains import Machine, Toolchains
from piot.run.probe import Prober
from tests.plan.test_every_triple import LINUX, WINDOWS
from tests.support.toolchains import candidates

TARGET = "x86_64-pc-windows-msvc"
UNDER = "x86_64_pc_windows_msvc"
FILES = (
    *("crt/lib/x86_64/msvcrt.lib", "sdk/lib/um/x86_64/kernel32.lib", "sdk/lib/ucrt/x86_64/ucrt.lib"),
    *("crt/include/vcruntime.h", "sdk/include/um/windows.h"),
)
(XWIN,) = (each for each in candidates("linker") if each.name == "xwin")


@pytest.fixture
def sdk(tmp_path: Path) -> Path:
    """A folder as xwin makes it, without anything real in it, and LLVM's programs on PATH."""
    for each in FILES:
        (tmp_path / "sdk" / each).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sdk" / each).write_text(each)
    said = {"lld-link": "LLD 19.1", "clang-cl": "clang version 19.1"}
    for name, words in said.items():
        program = tmp_path / "llvm/bin" / name
        program.parent.mkdir(exist_ok=True, parents=True)
        program.write_text(f"#!/bin/sh\necho {words}\n")
        program.chmod(0o755)
    return tmp_path / "sdk"


def found(sdk: Path) -> dict[str, tuple[Found, ...]]:
    prober = Prober(
        environ={"PATH": f"{sdk.parent}/llvm/bin:/bin:/usr/bin"},
        cache=sdk.parent / "cache",
        places={"windows_sdk": str(sdk)},
    )
    return {
        probe.name: tuple(prober.identify(probe, each) for each in prober.find(probe))
        for probe in XWIN.probes
    }


def linker(
    sdk: Path | None, tools: dict[str, tuple[Found, ...]], triple: str = TARGET, host: Triple = LINUX
) -> Linker | tuple[Lack, ...]:
    places = {} if sdk is None else {"windows_sdk": str(sdk)}
    machine = Machine(host=host, glibc=(), found=tools, pinned=frozenset(), places=places)
    return Toolchains((XWIN,), machine, glibc="2.17", channel=None).linker(Triple.parse(triple))


def test_the_copy_links_and_is_shown_in_the_sandbox(sdk: Path) -> None:
    made = linker(sdk, found(sdk))
    assert isinstance(made, Linker)
    lld, clang = made.tools
    assert lld.programs == (("lld-link", f"{sdk.parent}/llvm/bin/lld-link"), ("windows-sdk", str(sdk)))
    assert (lld.roots, lld.version) == ((str(sdk),), "LLD 19.1")
    assert clang.programs == (("clang-cl", f"{sdk.parent}/llvm/bin/clang-cl"),)
    variables = dict(made.environment)
    assert variables["LIB"] == (
        "%{tool:windows-sdk}/crt/lib/x86_64;%{tool:windows-sdk}/sdk/lib/um/x86_64;"
        "%{tool:windows-sdk}/sdk/lib/ucrt/x86_64"
    )
    assert str(sdk) not in f"{variables} {made.scripts}"


def test_without_clang_only_rust_is_compiled(sdk: Path) -> None:
    made = linker(sdk, found(sdk) | {"clang-cl": ()})
    assert isinstance(made, Linker)
    assert sorted(name for name, _ in made.environment) == [
        f"AR_{UNDER}",
        "CARGO",
        f"CARGO_TARGET_{UNDER.upper()}_LINKER",
        "LIB",
        "XWIN_ARCH",
        "XWIN_CACHE_DIR",
    ]


def test_the_key_knows_the_linker_and_every_file_of_the_copy(sdk: Path) -> None:
    digests = {found(sdk)["lld-link"][0].digest}
    for number, each in enumerate(FILES, 1):
        (sdk / each).write_text("another\n")
        digests.add(found(sdk)["lld-link"][0].digest)
        assert len(digests) == number + 1


def test_the_key_does_not_know_where_the_copy_lies(sdk: Path) -> None:
    before = found(sdk)["lld-link"][0].digest
    moved = sdk.rename(sdk.with_name("elsewhere"))
    assert found(moved)["lld-link"][0].digest == before


def test_what_is_missing_is_named(sdk: Path) -> None:
    nothing: dict[str, tuple[Found, ...]] = {"lld-link": (), "clang-cl": ()}
    cases = [
        (
            linker(None, found(sdk)),
            "Microsoft's SDK is for whoever accepts its licence (name your copy: [piot.toolchain.xwin] sdk)",
        ),
        (linker(sdk, nothing), "lld-link is not on PATH (install LLVM's lld)"),
        (
            linker(sdk, found(sdk), "i686-pc-windows-msvc"),
            f"{sdk} has no libraries for x86 (xwin --accept-license --arch x86 splat --output {sdk})",
        ),
    ]
    for lacks, said in cases:
        assert isinstance(lacks, tuple)
        assert [str(each) for each in lacks] == [f"cargo-xwin: {said}"]
    assert linker(sdk, found(sdk), "x86_64-unknown-linux-gnu") == ()
    assert linker(sdk, found(sdk), "i686-pc-windows-msvc", WINDOWS) == ()


XWIN_SETS = {
    f"CARGO_TARGET_{UNDER.upper()}_RUSTFLAGS": "-C linker-flavor=lld-link -Lnative=/c/xwin/crt/lib/x86_64",
    f"CARGO_TARGET_{UNDER.upper()}_RUNNER": "wine",
    f"CMAKE_TOOLCHAIN_FILE_{UNDER}": "/c/cmake/clang-cl/x86_64-pc-windows-msvc-toolchain.cmake",
    **dict.fromkeys(("CL_FLAGS", "RCFLAGS", "TARGET_AR", "TARGET_CC", "TARGET_CXX", "LIB"), "alien"),
    **{f"{name}_{UNDER}": "alien" for name in ("AR", "CC", "CXX", "CFLAGS", "CXXFLAGS")},
    **dict.fromkeys(("CMAKE_GENERATOR", "CMAKE_SYSTEM_NAME", "WINEDEBUG"), "alien"),
    f"BINDGEN_EXTRA_CLANG_ARGS_{UNDER}": "alien",
}
"""What maturin 1.16, or cargo-xwin 0.23 by itself, sets for the cargo that it calls, beside the linker."""


@pytest.mark.parametrize("compiles", [True, False])
def test_cargo_sees_of_maturins_own_cargo_xwin_nothing(sdk: Path, tmp_path: Path, compiles: bool) -> None:
    made = linker(sdk, found(sdk) if compiles else found(sdk) | {"clang-cl": ()})
    assert isinstance(made, Linker)
    planned = {name: value for name, value in made.environment if not name.startswith(("CARGO", "XWIN"))}
    shims = tmp_path / "root/.piot/shims"
    shims.mkdir(parents=True)
    for name, text in (
        ("cargo", '#!/bin/sh\nenv\necho "ARGUMENTS=$*"\n'),
        ("xwin-cargo", dict(made.scripts)[".piot/shims/xwin-cargo"]),
    ):
        placed = text.replace("%{root}", str(tmp_path / "root")).replace("%{tool:windows-sdk}", str(sdk))
        (shims / name).write_text(placed)
        (shims / name).chmod(0o755)
    env = {"PATH": os.environ["PATH"], **XWIN_SETS, "CARGO_ENCODED_RUSTFLAGS": "-g"}
    done = subprocess.run(
        [shims / "xwin-cargo", "rustc", "--lib"], env=env, capture_output=True, text=True, check=True
    )
    seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
    for name in ("PATH", "PWD", "SHLVL", "_", "OLDPWD"):
        seen.pop(name, None)
    expected = {name: value.replace("%{tool:windows-sdk}", str(sdk)) for name, value in planned.items()}
    expected |= {f"CARGO_TARGET_{UNDER.upper()}_LINKER": "lld-link"}
    assert seen == expected | {"CARGO_ENCODED_RUSTFLAGS": "-g", "ARGUMENTS": "rustc --lib"}
    assert dict(made.scripts)[".piot/xwin/xwin/DONE"] == "x86_64\n"
