from __future__ import annotations

import pytest

from piot.run.verify.machines import Platform, platform_of


@pytest.mark.parametrize(
    ("triple", "machines", "os", "libc"),
    [
        ("x86_64-unknown-linux-gnu", {"x86_64"}, "linux", "gnu"),
        ("aarch64-unknown-linux-musl", {"aarch64"}, "linux", "musl"),
        ("armv7-unknown-linux-gnueabihf", {"armv7"}, "linux", "gnu"),
        ("arm-unknown-linux-musleabihf", {"arm"}, "linux", "musl"),
        ("i586-unknown-linux-gnu", {"i686"}, "linux", "gnu"),
        ("riscv64gc-unknown-linux-gnu", {"riscv64"}, "linux", "gnu"),
        ("armv7-linux-androideabi", {"armv7"}, "linux", "android"),
        ("aarch64-apple-darwin", {"aarch64"}, "apple", None),
        ("universal2-apple-darwin", {"x86_64", "aarch64"}, "apple", None),
        ("x86_64-pc-windows-gnu", {"x86_64"}, "windows", None),
        ("x86_64-unknown-freebsd", {"x86_64"}, "other", None),
        ("wasm32-wasip1-threads", set[str](), "wasm", None),
        ("mips-unknown-linux-gnu", set[str](), "linux", "gnu"),
    ],
)
def test_a_triple_says_what_its_files_look_like(
    triple: str, machines: set[str], os: str, libc: str | None
) -> None:
    assert platform_of(triple) == Platform(text=triple, machines=frozenset(machines), os=os, libc=libc)
