"""Programs and shared libraries: the right format, machine, kind and libc."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from piot.errors import InputError, listed
from piot.model.proof import BinaryProof, LibraryProof
from piot.model.triple import Triple
from piot.run.verify.elf import Elf, read_elf
from piot.run.verify.machines import Platform, platform_of
from piot.run.verify.macho_pe import is_macho, is_pe, read_macho, read_pe
from piot.run.verify.policy import glibc_findings, path_findings, policy_of, strangers

_MUSL = re.compile(r"libc\.(so|musl-.*)")
_FORMATS = {"linux": "ELF", "other": "ELF", "apple": "Mach-O", "windows": "PE", "wasm": "WebAssembly"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Native:
    """An object file: its format, whether it is a program or a library, keys of MACHINES, and ELF's facts."""

    format: str
    program: bool
    library: bool
    machines: frozenset[str]
    elf: Elf | None = None


def format_of(data: bytes) -> str | None:
    """``ELF``, ``Mach-O``, ``PE`` or ``WebAssembly`` by the first bytes; None for anything else."""
    if data[:4] == b"\x7fELF":
        return "ELF"
    if data[:4] == b"\0asm":
        return "WebAssembly"
    return "Mach-O" if is_macho(data) else "PE" if is_pe(data) else None


def read_native(data: bytes) -> Native:
    """The facts of an object file of a known format; raises ValueError when it is damaged."""
    kind = format_of(data)
    if kind == "ELF":
        elf = read_elf(data)
        return Native(
            format=kind, program=elf.is_program, library=elf.is_library, machines=elf.machines, elf=elf
        )
    if kind in ("Mach-O", "PE"):
        image = read_macho(data) if kind == "Mach-O" else read_pe(data)
        program, library = image.kind == "program", image.kind == "library"
        return Native(format=kind, program=program, library=library, machines=image.machines)
    if kind == "WebAssembly":
        return Native(format=kind, program=True, library=True, machines=frozenset())
    raise ValueError("it is neither ELF, Mach-O, PE nor WebAssembly")


def native_findings(name: str, data: bytes, proof: BinaryProof | LibraryProof) -> Iterator[str]:
    """What keeps a program or shared library from being one for the proof's triple."""
    platform = platform_of(proof.triple)
    try:
        native = read_native(data)
    except ValueError as error:
        yield f"{name} cannot be proven: {error}."
        return
    yield from platform_findings(name, native, platform)
    is_program = isinstance(proof, BinaryProof)
    if not (native.program if is_program else native.library):
        yield f"{name} is {_kind(native)}, expected {'a program' if is_program else 'a shared library'}."
    if native.elf is not None and platform.os == "linux":
        static = is_program and platform.libc == "musl"
        yield from _libc_findings(name, native.elf, platform, static=static)
        yield from path_findings(name, native.elf)
        if platform.libc == "gnu" and not proof.foreign:
            yield from _foreign_findings(name, native.elf, proof)
        if proof.glibc is not None:
            yield from glibc_findings(name, native.elf, glibc_floor(proof.glibc), f"a floor of {proof.glibc}")


def _foreign_findings(where: str, elf: Elf, proof: BinaryProof | LibraryProof) -> Iterator[str]:
    """Libraries that manylinux does not promise, though nothing was declared that could need them."""
    with suppress(InputError):
        arch = Triple.parse(proof.triple).wheel_arch
        policy = policy_of("manylinux", glibc_floor(proof.glibc or "2.17"), arch)
        known = frozenset(filter(_MUSL.fullmatch, elf.needed))  # another finding speaks of these
        if policy is not None and (names := strangers(elf, policy, known)):
            why = "which not every system has and its target does not declare"
            yield f"{where} needs {listed(names)}, {why}."


def platform_findings(where: str, native: Native, platform: Platform) -> Iterator[str]:
    """Whether an object file has the format and every machine of ``platform``."""
    expected = _FORMATS[platform.os]
    if native.format != expected:
        yield f"{where} is a file of format {native.format}, expected {expected} for {platform.text}."
    elif expected == "WebAssembly":
        return
    elif not platform.machines:
        yield f"{where} cannot be proven: piot does not know the machine of {platform.text}."
    elif not platform.machines <= native.machines:
        actual = (" or " if native.elf else " and ").join(sorted(native.machines))
        wanted = " and ".join(sorted(platform.machines))
        yield f"{where} is built for {actual}, expected {wanted} for {platform.text}."


def glibc_floor(text: str) -> tuple[int, int]:
    """``2.17`` as numbers; raises InputError for anything else."""
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        raise InputError(f"not a version of glibc: {text!r}", hint='two numbers, such as "2.17"')
    return int(major), int(minor)


def _kind(native: Native) -> str:
    if native.program:
        return "a program"
    return "a shared library" if native.library else "an object that can be neither run nor loaded"


def _libc_findings(where: str, elf: Elf, platform: Platform, *, static: bool) -> Iterator[str]:
    """A file for one libc that asks for the other's; a program for musl that is not static."""
    loader = elf.interpreter or ""
    glibc = "libc.so.6" in elf.needed or "ld-linux" in loader
    musl = "ld-musl" in loader or any(map(_MUSL.fullmatch, elf.needed))
    if platform.libc == "gnu" and musl:
        yield f"{where} needs musl's libc, expected glibc for {platform.text}."
    elif platform.libc == "musl" and glibc:
        yield f"{where} needs glibc, expected musl's libc for {platform.text}."
    elif static and (elf.interpreter or elf.needed):
        asks = ", ".join((*elf.needed, *([elf.interpreter] if elf.interpreter else [])))
        yield f"{where} is linked dynamically ({asks}), expected a static program for {platform.text}."
