"""Platforms as far as files show them: the machine of a triple, of a wheel's tag, and of object files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One instruction set and how each format writes it.

    ``elf`` is (e_machine as pyelftools names it, word size in bits, little endian); ``multiarch`` the
    word in the file names of CPython's extension modules; ``pe`` IMAGE_FILE_MACHINE_*; ``macho``
    CPU_TYPE_*. ``linux``, ``mac`` and ``windows`` are the words in wheels' platform tags.
    """

    elf: tuple[str, int, bool]
    linux: str
    multiarch: str
    pe: int | None = None
    windows: str | None = None
    macho: int | None = None
    mac: str | None = None


MACHINES = {
    "x86_64": Machine(
        elf=("EM_X86_64", 64, True), linux="x86_64", multiarch="x86_64",
        pe=0x8664, windows="win_amd64", macho=0x01000007, mac="x86_64",
    ),
    "aarch64": Machine(
        elf=("EM_AARCH64", 64, True), linux="aarch64", multiarch="aarch64",
        pe=0xAA64, windows="win_arm64", macho=0x0100000C, mac="arm64",
    ),
    "i686": Machine(elf=("EM_386", 32, True), linux="i686", multiarch="i386", pe=0x14C, windows="win32"),
    "armv7": Machine(elf=("EM_ARM", 32, True), linux="armv7l", multiarch="arm"),
    "arm": Machine(elf=("EM_ARM", 32, True), linux="armv6l", multiarch="arm"),
    "powerpc64le": Machine(elf=("EM_PPC64", 64, True), linux="ppc64le", multiarch="powerpc64le"),
    "powerpc64": Machine(elf=("EM_PPC64", 64, False), linux="ppc64", multiarch="powerpc64"),
    "s390x": Machine(elf=("EM_S390", 64, False), linux="s390x", multiarch="s390x"),
    "riscv64": Machine(elf=("EM_RISCV", 64, True), linux="riscv64", multiarch="riscv64"),
    "loongarch64": Machine(elf=("EM_LOONGARCH", 64, True), linux="loongarch64", multiarch="loongarch64"),
}  # fmt: skip

# Rust's other spellings of the same instruction set, and those that only narrow it.
_SAME = {
    "i386": "i686", "i586": "i686", "arm64": "aarch64", "arm64e": "aarch64", "x86_64h": "x86_64",
    "thumbv7neon": "armv7", "armv5te": "arm", "armv6": "arm", "riscv64gc": "riscv64", "riscv64a23": "riscv64",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What a result is built for.

    ``machines`` are keys of MACHINES, more than one for a universal binary; ``os`` is ``linux``,
    ``windows``, ``apple``, ``wasm`` or ``other``; ``libc`` is ``gnu``, ``musl``, ``android`` or None when
    it is none of them or not known. ``text`` is how the platform was written: a triple, or a wheel's
    platform tag.
    """

    text: str
    machines: frozenset[str]
    os: str
    libc: str | None = None


def platform_of(triple: str) -> Platform:
    """The platform of a Rust triple; an instruction set that is not in MACHINES leaves ``machines`` empty."""
    arch, *rest = triple.split("-")
    os, libc = "other", None
    if "apple" in rest:
        os = "apple"
    elif "windows" in rest:
        os = "windows"
    elif arch.startswith("wasm"):
        os = "wasm"
    elif "linux" in rest:
        os = "linux"
        libc = next((kind for kind in ("gnu", "musl", "android") if rest[-1].startswith(kind)), None)
    names = ("x86_64", "aarch64") if arch == "universal2" else (_SAME.get(arch, arch),)
    return Platform(text=triple, machines=frozenset(names) & MACHINES.keys(), os=os, libc=libc)
