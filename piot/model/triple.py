"""Triples: one value per platform, however it was spelled."""

from __future__ import annotations

from dataclasses import dataclass

from piot.errors import InputError, MachineError, listed
from piot.model.platforms import PLATFORMS, SPELLINGS

_MACHINES = {
    "amd64": "x86_64",
    "x64": "x86_64",
    "arm64": "aarch64",
    "armv7l": "armv7",
    "armv8l": "armv7",
    "i386": "i686",
    "i486": "i686",
    "i586": "i686",
    "x86": "i686",
    "ppc64le": "powerpc64le",
    "riscv64": "riscv64gc",
}

_SYSTEMS = {
    "darwin": "{arch}-apple-darwin",
    "windows": "{arch}-pc-windows-msvc",
    "freebsd": "{arch}-unknown-freebsd",
    "android": "{arch}-linux-android",
}


@dataclass(frozen=True, slots=True, order=True)
class Triple:
    """A known platform; ``text`` is Rust's spelling in lower case. Made by ``parse`` only."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Triple:
        """Rust's or napi's spelling in any case (``linux-arm64-gnu`` is ``aarch64-unknown-linux-gnu``).

        Raises InputError for an unknown triple, with the nearest known ones.
        """
        lower = text.lower()
        known = SPELLINGS.get(lower, lower)
        if known not in PLATFORMS:
            raise InputError(f'unknown triple "{text}"', hint=_nearest(lower))
        return cls(known)

    @classmethod
    def from_uname(cls, system: str, machine: str, libc: str | None = None) -> Triple:
        """The triple of a machine from what ``uname -s``, ``uname -m`` and its C library say.

        ``libc`` counts on Linux only: ``musl``, or anything else for glibc. Raises MachineError when no
        known triple fits.
        """
        lower = machine.lower()
        arch = _MACHINES.get(lower, lower)
        env = "musl" if libc == "musl" else "gnu"
        abi = "eabihf" if arch == "armv7" else ""
        pattern = _SYSTEMS.get(system.lower(), "{arch}-unknown-linux-" + env + abi)
        text = pattern.format(arch=arch)
        if text not in PLATFORMS or (system.lower() != "linux" and system.lower() not in _SYSTEMS):
            raise MachineError(
                f"this machine ({system or 'unknown system'}, {machine or 'unknown processor'}) "
                "is not a platform piot knows",
                hint="name the platform to build for with --target",
            )
        return cls(text)

    @property
    def arch(self) -> str:
        """The processor, as Rust spells it: ``x86_64``, ``aarch64``, ``armv7``, …"""
        return PLATFORMS[self.text].arch

    @property
    def os(self) -> str:
        """``linux``, ``macos``, ``windows``, ``freebsd``, ``android`` or ``wasi``."""
        return PLATFORMS[self.text].os

    @property
    def libc(self) -> str | None:
        """Rust's ``target_env``: ``gnu``, ``musl``, ``msvc`` or None (on Windows ``gnu`` is MinGW)."""
        return PLATFORMS[self.text].libc

    @property
    def parts(self) -> tuple[str, ...]:
        """What rustc compiles for: two triples for ``universal2``, which is maturin's word, else itself."""
        if self.arch != "universal2":
            return (self.text,)
        return ("aarch64-apple-darwin", "x86_64-apple-darwin")

    @property
    def exe_suffix(self) -> str:
        """What the name of a program ends with: ``.exe``, ``.wasm`` or nothing."""
        return {"windows": ".exe", "wasi": ".wasm"}.get(self.os, "")

    @property
    def napi(self) -> str | None:
        """napi-rs's spelling, as in the names of platform packages; None when it has none."""
        return PLATFORMS[self.text].napi

    @property
    def npm_os(self) -> tuple[str, ...]:
        """The ``os`` field of a platform's package.json; empty when any system will do (wasm)."""
        return PLATFORMS[self.text].npm_os

    @property
    def npm_cpu(self) -> tuple[str, ...]:
        """The ``cpu`` field of a platform's package.json."""
        return PLATFORMS[self.text].npm_cpu

    @property
    def npm_libc(self) -> tuple[str, ...]:
        """The ``libc`` field of a platform's package.json: ``glibc`` or ``musl`` on Linux, else empty."""
        return PLATFORMS[self.text].npm_libc

    @property
    def wheel_arch(self) -> str:
        """The processor as it stands in a wheel's platform tag (32-bit Windows: the whole tag, ``win32``)."""
        return PLATFORMS[self.text].wheel_arch

    @property
    def glibc(self) -> str | None:
        """The oldest glibc that anything can be built for there; None where there is none."""
        return PLATFORMS[self.text].glibc

    @property
    def runner(self) -> str | None:
        """The label of the CI machine that builds for it unless told; None where GitHub has none that can."""
        return PLATFORMS[self.text].runner

    @property
    def native_runner(self) -> str | None:
        """The label of the CI machine that is such a platform itself; None where GitHub has none."""
        return PLATFORMS[self.text].native_runner

    @property
    def linkers(self) -> tuple[str, ...]:
        """The toolchains that link for it (`piot.model.platforms.Platform`)."""
        return PLATFORMS[self.text].linkers

    def __str__(self) -> str:
        return self.text


def _nearest(text: str) -> str:
    import difflib

    found = difflib.get_close_matches(text, [*PLATFORMS, *SPELLINGS], n=3, cutoff=0.75)
    if not found:
        return "a triple is spelled as by rustc (x86_64-unknown-linux-gnu) or by napi (linux-x64-gnu)"
    names = [f'"{name}"' for name in found]
    return f"did you mean {listed(names)}?".replace(" and ", " or ")
