"""What Rust, napi, npm and wheels call each platform: one row per triple.

Sources: Rust's platform-support page (triples, ``target_env``), napi-rs's ``parseTriple`` (napi
spellings), Node's ``process.platform`` and ``process.arch`` (npm), PyPA's platform compatibility
tags with PEP 600, 656 and 738 (wheels), auditwheel's policies (glibc), GitHub's *About GitHub-hosted
runners* (labels, last checked 2026-11-21).
"""

from __future__ import annotations

from typing import NamedTuple


class Platform(NamedTuple):
    """One row; ``libc`` is Rust's ``target_env``, tuples stand as in a package.json."""

    arch: str
    os: str
    libc: str | None
    wheel_arch: str
    napi: str | None
    npm_os: tuple[str, ...]
    npm_cpu: tuple[str, ...]
    npm_libc: tuple[str, ...]
    runner: str | None
    """The CI machine that builds for it unless told; None where GitHub has none that can."""
    native_runner: str | None
    """The CI machine that is such a platform itself."""
    linkers: tuple[str, ...]
    """The toolchains that link for it, in the order in which they are asked: ``native`` on a machine of its
    own kind (every Mac links for all of macOS), the others on any."""
    glibc: str | None = None
    """The oldest one that Rust and a manylinux policy know there."""


def _linux(
    arch: str, libc: str, napi: str, cpu: str, wheel_arch: str | None = None, *, glibc: str = "2.17"
) -> Platform:
    runner = "ubuntu-24.04-arm" if arch == "aarch64" else "ubuntu-latest"
    gnu = libc == "gnu"
    return Platform(
        arch=arch,
        os="linux",
        libc=libc,
        wheel_arch=wheel_arch or arch,
        napi=napi,
        npm_os=("linux",),
        npm_cpu=(cpu,),
        npm_libc=("glibc" if gnu else libc,),
        runner=runner,
        native_runner=runner if gnu and arch in ("x86_64", "aarch64") else None,
        linkers=("native", "zig"),
        glibc=glibc if gnu else None,
    )


_RUNNERS = {"macos": "macos-latest", "windows": "windows-latest", "wasi": "ubuntu-latest"}
_NATIVE_RUNNERS: dict[tuple[str, str, str | None], str] = {
    ("macos", "x86_64", None): "macos-15-intel",
    ("macos", "aarch64", None): "macos-latest",
    ("windows", "x86_64", "msvc"): "windows-latest",
    ("windows", "aarch64", "msvc"): "windows-11-arm",
}


def _plain(
    arch: str, system: str, libc: str | None, wheel_arch: str, napi: str | None, node: str, *cpu: str
) -> Platform:
    return Platform(
        arch=arch,
        os=system,
        libc=libc,
        wheel_arch=wheel_arch,
        napi=napi,
        npm_os=(node,) if node else (),
        npm_cpu=cpu,
        npm_libc=(),
        runner=_RUNNERS.get(system),
        native_runner=_NATIVE_RUNNERS.get((system, arch, libc)),
        linkers={("wasi", None): ("wasm",), ("windows", "msvc"): ("native", "xwin")}.get(
            (system, libc), ("native",)
        ),
    )


PLATFORMS: dict[str, Platform] = {
    "x86_64-unknown-linux-gnu": _linux("x86_64", "gnu", "linux-x64-gnu", "x64"),
    "x86_64-unknown-linux-musl": _linux("x86_64", "musl", "linux-x64-musl", "x64"),
    "aarch64-unknown-linux-gnu": _linux("aarch64", "gnu", "linux-arm64-gnu", "arm64"),
    "aarch64-unknown-linux-musl": _linux("aarch64", "musl", "linux-arm64-musl", "arm64"),
    "armv7-unknown-linux-gnueabihf": _linux("armv7", "gnu", "linux-arm-gnueabihf", "arm", "armv7l"),
    "armv7-unknown-linux-musleabihf": _linux("armv7", "musl", "linux-arm-musleabihf", "arm", "armv7l"),
    "i686-unknown-linux-gnu": _linux("i686", "gnu", "linux-ia32-gnu", "ia32"),
    "i686-unknown-linux-musl": _linux("i686", "musl", "linux-ia32-musl", "ia32"),
    "riscv64gc-unknown-linux-gnu": _linux(
        "riscv64gc", "gnu", "linux-riscv64-gnu", "riscv64", "riscv64", glibc="2.31"
    ),
    "riscv64gc-unknown-linux-musl": _linux("riscv64gc", "musl", "linux-riscv64-musl", "riscv64", "riscv64"),
    "powerpc64le-unknown-linux-gnu": _linux("powerpc64le", "gnu", "linux-ppc64-gnu", "ppc64", "ppc64le"),
    "powerpc64le-unknown-linux-musl": _linux("powerpc64le", "musl", "linux-ppc64-musl", "ppc64", "ppc64le"),
    "s390x-unknown-linux-gnu": _linux("s390x", "gnu", "linux-s390x-gnu", "s390x"),
    "s390x-unknown-linux-musl": _linux("s390x", "musl", "linux-s390x-musl", "s390x"),
    "loongarch64-unknown-linux-gnu": _linux(
        "loongarch64", "gnu", "linux-loong64-gnu", "loong64", glibc="2.36"
    ),
    "loongarch64-unknown-linux-musl": _linux("loongarch64", "musl", "linux-loong64-musl", "loong64"),
    "x86_64-apple-darwin": _plain("x86_64", "macos", None, "x86_64", "darwin-x64", "darwin", "x64"),
    "aarch64-apple-darwin": _plain("aarch64", "macos", None, "arm64", "darwin-arm64", "darwin", "arm64"),
    "universal2-apple-darwin": _plain(
        "universal2", "macos", None, "universal2", "darwin-universal", "darwin", "x64", "arm64"
    ),
    "x86_64-pc-windows-msvc": _plain("x86_64", "windows", "msvc", "amd64", "win32-x64-msvc", "win32", "x64"),
    "i686-pc-windows-msvc": _plain("i686", "windows", "msvc", "win32", "win32-ia32-msvc", "win32", "ia32"),
    "aarch64-pc-windows-msvc": _plain(
        "aarch64", "windows", "msvc", "arm64", "win32-arm64-msvc", "win32", "arm64"
    ),
    "x86_64-pc-windows-gnu": _plain(
        "x86_64", "windows", "gnu", "amd64", "win32-x64-gnu", "win32", "x64"
    )._replace(linkers=("native", "zig")),
    "i686-pc-windows-gnu": _plain("i686", "windows", "gnu", "win32", "win32-ia32-gnu", "win32", "ia32"),
    "x86_64-unknown-freebsd": _plain("x86_64", "freebsd", None, "amd64", "freebsd-x64", "freebsd", "x64"),
    "aarch64-unknown-freebsd": _plain(
        "aarch64", "freebsd", None, "arm64", "freebsd-arm64", "freebsd", "arm64"
    ),
    "aarch64-linux-android": _plain(
        "aarch64", "android", None, "arm64_v8a", "android-arm64", "android", "arm64"
    ),
    "armv7-linux-androideabi": _plain(
        "armv7", "android", None, "armeabi_v7a", "android-arm-eabi", "android", "arm"
    ),
    "x86_64-linux-android": _plain("x86_64", "android", None, "x86_64", "android-x64", "android", "x64"),
    "wasm32-wasip1": _plain("wasm32", "wasi", None, "wasm32", None, "", "wasm32"),
    "wasm32-wasip1-threads": _plain("wasm32", "wasi", None, "wasm32", "wasm32-wasi", "", "wasm32"),
}
"""Every known triple, in Rust's spelling; ``universal2-apple-darwin`` is maturin's, for both macOS in one."""

SPELLINGS: dict[str, str] = {
    **{row.napi: text for text, row in PLATFORMS.items() if row.napi},
    "universal-apple-darwin": "universal2-apple-darwin",
    "wasm32-wasi-preview1-threads": "wasm32-wasip1-threads",
}
"""Other accepted spellings, lower case, and the triple each means."""
