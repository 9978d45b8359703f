"""Triples: both spellings, every platform's names, and the machine's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError, MachineError
from piot.model.platforms import PLATFORMS, SPELLINGS
from piot.model.triple import Triple

# napi spelling, Rust spelling, npm's os, cpu and libc
FAMILY = [
    ("linux-x64-gnu", "x86_64-unknown-linux-gnu", "linux", "x64", ("glibc",)),
    ("linux-x64-musl", "x86_64-unknown-linux-musl", "linux", "x64", ("musl",)),
    ("linux-arm64-gnu", "aarch64-unknown-linux-gnu", "linux", "arm64", ("glibc",)),
    ("linux-arm64-musl", "aarch64-unknown-linux-musl", "linux", "arm64", ("musl",)),
    ("linux-arm-gnueabihf", "armv7-unknown-linux-gnueabihf", "linux", "arm", ("glibc",)),
    ("linux-arm-musleabihf", "armv7-unknown-linux-musleabihf", "linux", "arm", ("musl",)),
    ("darwin-x64", "x86_64-apple-darwin", "darwin", "x64", ()),
    ("darwin-arm64", "aarch64-apple-darwin", "darwin", "arm64", ()),
    ("win32-x64-msvc", "x86_64-pc-windows-msvc", "win32", "x64", ()),
    ("win32-arm64-msvc", "aarch64-pc-windows-msvc", "win32", "arm64", ()),
    ("win32-ia32-msvc", "i686-pc-windows-msvc", "win32", "ia32", ()),
    ("win32-x64-gnu", "x86_64-pc-windows-gnu", "win32", "x64", ()),
    ("linux-riscv64-gnu", "riscv64gc-unknown-linux-gnu", "linux", "riscv64", ("glibc",)),
    ("linux-ppc64-gnu", "powerpc64le-unknown-linux-gnu", "linux", "ppc64", ("glibc",)),
    ("linux-s390x-gnu", "s390x-unknown-linux-gnu", "linux", "s390x", ("glibc",)),
    ("linux-loong64-gnu", "loongarch64-unknown-linux-gnu", "linux", "loong64", ("glibc",)),
    ("freebsd-x64", "x86_64-unknown-freebsd", "freebsd", "x64", ()),
    ("android-arm64", "aarch64-linux-android", "android", "arm64", ()),
    ("android-arm-eabi", "armv7-linux-androideabi", "android", "arm", ()),
]


@pytest.mark.parametrize(("napi", "rust", "os", "cpu", "libc"), FAMILY)
def test_both_spellings_mean_the_same_platform(
    napi: str, rust: str, os: str, cpu: str, libc: tuple[str, ...]
) -> None:
    triple = Triple.parse(napi)
    assert triple == Triple.parse(rust)
    assert (str(triple), triple.napi) == (rust, napi)
    assert (triple.npm_os, triple.npm_cpu, triple.npm_libc) == ((os,), (cpu,), libc)


@pytest.mark.parametrize(
    ("text", "arch", "os", "libc", "suffix", "wheel"),
    [
        ("x86_64-unknown-linux-gnu", "x86_64", "linux", "gnu", "", "x86_64"),
        ("armv7-unknown-linux-gnueabihf", "armv7", "linux", "gnu", "", "armv7l"),
        ("armv7-unknown-linux-musleabihf", "armv7", "linux", "musl", "", "armv7l"),
        ("powerpc64le-unknown-linux-gnu", "powerpc64le", "linux", "gnu", "", "ppc64le"),
        ("riscv64gc-unknown-linux-musl", "riscv64gc", "linux", "musl", "", "riscv64"),
        ("aarch64-apple-darwin", "aarch64", "macos", None, "", "arm64"),
        ("universal2-apple-darwin", "universal2", "macos", None, "", "universal2"),
        ("x86_64-pc-windows-msvc", "x86_64", "windows", "msvc", ".exe", "amd64"),
        ("i686-pc-windows-msvc", "i686", "windows", "msvc", ".exe", "win32"),
        ("x86_64-pc-windows-gnu", "x86_64", "windows", "gnu", ".exe", "amd64"),
        ("aarch64-linux-android", "aarch64", "android", None, "", "arm64_v8a"),
        ("x86_64-unknown-freebsd", "x86_64", "freebsd", None, "", "amd64"),
        ("wasm32-wasip1", "wasm32", "wasi", None, ".wasm", "wasm32"),
    ],
)
def test_a_platform_has_the_names_of_each_ecosystem(
    text: str, arch: str, os: str, libc: str | None, suffix: str, wheel: str
) -> None:
    triple = Triple.parse(text)
    found = (triple.arch, triple.os, triple.libc, triple.exe_suffix, triple.wheel_arch)
    assert found == (arch, os, libc, suffix, wheel)


def test_both_macos_processors_are_one_npm_package() -> None:
    triple = Triple.parse("universal-apple-darwin")
    assert triple == Triple.parse("darwin-universal") == Triple.parse("universal2-apple-darwin")
    assert (triple.npm_os, triple.npm_cpu) == (("darwin",), ("x64", "arm64"))


def test_wasm_runs_on_any_system() -> None:
    triple = Triple.parse("wasm32-wasi")
    assert (str(triple), triple.npm_os, triple.npm_cpu) == ("wasm32-wasip1-threads", (), ("wasm32",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "aarch64-linux-gnu",
            'unknown triple "aarch64-linux-gnu"\n\nhint: did you mean "aarch64-unknown-linux-gnu" '
            'or "aarch64-linux-android"?',
        ),
        (
            "linux-x65-gnu",
            'unknown triple "linux-x65-gnu"\n\nhint: did you mean "linux-x64-gnu", '
            '"linux-s390x-gnu" or "linux-ppc64-gnu"?',
        ),
        (
            "toaster",
            'unknown triple "toaster"\n\nhint: a triple is spelled as by rustc '
            "(x86_64-unknown-linux-gnu) or by napi (linux-x64-gnu)",
        ),
    ],
)
def test_an_unknown_triple_is_refused_with_the_nearest_ones(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        Triple.parse(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("system", "machine", "libc", "text"),
    [
        ("Linux", "x86_64", "glibc", "x86_64-unknown-linux-gnu"),
        ("Linux", "x86_64", None, "x86_64-unknown-linux-gnu"),
        ("Linux", "aarch64", "musl", "aarch64-unknown-linux-musl"),
        ("Linux", "armv7l", "glibc", "armv7-unknown-linux-gnueabihf"),
        ("Linux", "riscv64", "glibc", "riscv64gc-unknown-linux-gnu"),
        ("Linux", "ppc64le", "glibc", "powerpc64le-unknown-linux-gnu"),
        ("Darwin", "arm64", None, "aarch64-apple-darwin"),
        ("Windows", "AMD64", None, "x86_64-pc-windows-msvc"),
        ("Windows", "ARM64", None, "aarch64-pc-windows-msvc"),
        ("Windows", "x86", None, "i686-pc-windows-msvc"),
        ("FreeBSD", "amd64", None, "x86_64-unknown-freebsd"),
    ],
)
def test_a_machine_is_known_by_what_uname_says(
    system: str, machine: str, libc: str | None, text: str
) -> None:
    assert str(Triple.from_uname(system, machine, libc)) == text


@pytest.mark.parametrize(("system", "machine"), [("SunOS", "x86_64"), ("Linux", "mips"), ("Darwin", "i386")])
def test_a_machine_that_nobody_knows_is_refused(system: str, machine: str) -> None:
    with pytest.raises(MachineError) as refused:
        Triple.from_uname(system, machine)
    assert str(refused.value) == (
        f"this machine ({system}, {machine}) is not a platform piot knows\n\n"
        "hint: name the platform to build for with --target"
    )


@given(st.sampled_from([*PLATFORMS, *SPELLINGS]), st.booleans())
def test_every_spelling_round_trips_in_any_case(text: str, upper: bool) -> None:
    triple = Triple.parse(text.upper() if upper else text)
    assert Triple.parse(str(triple)) == triple
    assert triple.napi is None or Triple.parse(triple.napi) == triple
    assert all((triple.arch, triple.os, triple.wheel_arch, triple.npm_cpu))


def test_no_spelling_means_two_platforms() -> None:
    assert not set(PLATFORMS) & set(SPELLINGS)
    napi = [row.napi for row in PLATFORMS.values() if row.napi]
    assert len(napi) == len(set(napi))


@pytest.mark.parametrize(
    ("text", "runner", "native"),
    [
        ("linux-arm64-gnu", "ubuntu-24.04-arm", "ubuntu-24.04-arm"),
        ("aarch64-unknown-linux-musl", "ubuntu-24.04-arm", None),
        ("linux-x64-gnu", "ubuntu-latest", "ubuntu-latest"),
        ("riscv64gc-unknown-linux-gnu", "ubuntu-latest", None),
        ("darwin-x64", "macos-latest", "macos-15-intel"),
        ("darwin-universal", "macos-latest", None),
        ("win32-ia32-msvc", "windows-latest", None),
        ("win32-arm64-msvc", "windows-latest", "windows-11-arm"),
        ("x86_64-pc-windows-gnu", "windows-latest", None),
        ("wasm32-wasip1", "ubuntu-latest", None),
        ("freebsd-x64", None, None),
    ],
)
def test_runners_follow_the_platform_however_it_is_spelled(
    text: str, runner: str | None, native: str | None
) -> None:
    triple = Triple.parse(text)
    assert (triple.runner, triple.native_runner) == (runner, native)
