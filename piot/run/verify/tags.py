"""The platform tags of wheels (PEP 425, 600, 656, 730, 738) as platforms."""

from __future__ import annotations

import re
from dataclasses import dataclass

from piot.run.verify.machines import MACHINES, Platform

# PEP 600's table of the older names.
_LEGACY = {"manylinux1": "2_5", "manylinux2010": "2_12", "manylinux2014": "2_17"}
_VERSIONED = re.compile(r"(manylinux|musllinux|macosx|ios|android)_(\d+)(?:_(\d+))?_(.+)")
_ANDROID = {"arm64_v8a": "aarch64", "armeabi_v7a": "armv7", "x86": "i686", "x86_64": "x86_64"}
_LIBC = {"manylinux": "gnu", "musllinux": "musl", "android": "android"}
_OS = dict.fromkeys((*_LIBC, "linux"), "linux") | dict.fromkeys(("macosx", "ios"), "apple")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformTag:
    """One platform tag.

    ``family`` is ``any``, ``manylinux``, ``musllinux``, ``linux``, ``macosx``, ``ios``, ``android``,
    ``windows``, ``wasm`` or ``unknown``; ``version`` the oldest system that it promises to run on.
    ``arch`` is the tag's own word for the machine, ``platform`` what its files must be built for.
    """

    family: str
    version: tuple[int, int] | None
    arch: str
    platform: Platform

    def __str__(self) -> str:
        return self.platform.text


def parse_tag(text: str) -> PlatformTag:
    """A platform tag as wheels' file names have it; the older manylinux names mean their PEP 600 ones."""
    name, _, rest = text.partition("_")
    found = _VERSIONED.fullmatch(f"manylinux_{_LEGACY[name]}_{rest}" if name in _LEGACY else text)
    if found:
        family, major, minor, arch = found.groups()
        return _tag(text, family, arch, (int(major), int(minor or 0)))
    if text == "any":
        return _tag(text, "any", "")
    if name == "linux":
        return _tag(text, "linux", rest)
    if name in ("win32", "win"):
        return _tag(text, "windows", text)
    return _tag(text, "wasm" if text.endswith("_wasm32") else "unknown", rest)


def _tag(text: str, family: str, arch: str, version: tuple[int, int] | None = None) -> PlatformTag:
    os = _OS.get(family, family if family in ("windows", "wasm") else "other")
    platform = Platform(text=text, machines=_machines(family, arch), os=os, libc=_LIBC.get(family))
    return PlatformTag(family=family, version=version, arch=arch, platform=platform)


def _machines(family: str, arch: str) -> frozenset[str]:
    if family == "android":
        return frozenset({_ANDROID[arch]} if arch in _ANDROID else ())
    if family == "macosx" and arch == "universal2":
        return frozenset({"x86_64", "aarch64"})
    column = {"windows": "windows", "macosx": "mac", "ios": "mac"}.get(family, "linux")
    word = arch.split("_iphone")[0]
    return frozenset(name for name, machine in MACHINES.items() if getattr(machine, column) == word)
