from __future__ import annotations

import pytest

from piot.run.verify.tags import parse_tag


@pytest.mark.parametrize(
    ("text", "family", "version", "machines", "os", "libc"),
    [
        ("manylinux_2_28_aarch64", "manylinux", (2, 28), {"aarch64"}, "linux", "gnu"),
        ("manylinux2014_x86_64", "manylinux", (2, 17), {"x86_64"}, "linux", "gnu"),
        ("manylinux2010_i686", "manylinux", (2, 12), {"i686"}, "linux", "gnu"),
        ("manylinux1_x86_64", "manylinux", (2, 5), {"x86_64"}, "linux", "gnu"),
        ("manylinux_2_17_armv7l", "manylinux", (2, 17), {"armv7"}, "linux", "gnu"),
        ("manylinux_2_17_ppc64le", "manylinux", (2, 17), {"powerpc64le"}, "linux", "gnu"),
        ("musllinux_1_2_x86_64", "musllinux", (1, 2), {"x86_64"}, "linux", "musl"),
        ("linux_x86_64", "linux", None, {"x86_64"}, "linux", None),
        ("macosx_11_0_arm64", "macosx", (11, 0), {"aarch64"}, "apple", None),
        ("macosx_10_12_universal2", "macosx", (10, 12), {"aarch64", "x86_64"}, "apple", None),
        ("ios_13_0_arm64_iphoneos", "ios", (13, 0), {"aarch64"}, "apple", None),
        ("android_21_arm64_v8a", "android", (21, 0), {"aarch64"}, "linux", "android"),
        ("win_amd64", "windows", None, {"x86_64"}, "windows", None),
        ("win_arm64", "windows", None, {"aarch64"}, "windows", None),
        ("win32", "windows", None, {"i686"}, "windows", None),
        ("pyodide_2024_0_wasm32", "wasm", None, set[str](), "wasm", None),
        ("any", "any", None, set[str](), "other", None),
        ("plan9_amd64", "unknown", None, set[str](), "other", None),
    ],
)
def test_a_platform_tag_says_what_the_wheels_files_look_like(
    text: str, family: str, version: tuple[int, int] | None, machines: set[str], os: str, libc: str | None
) -> None:
    tag = parse_tag(text)
    assert (tag.family, tag.version) == (family, version)
    assert (set(tag.platform.machines), tag.platform.os, tag.platform.libc) == (machines, os, libc)
    assert str(tag) == text
