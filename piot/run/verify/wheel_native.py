"""The binaries inside a wheel against its tags: every machine, libc, library and module name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from piot.errors import listed
from piot.run.verify.elf import Elf
from piot.run.verify.machines import MACHINES
from piot.run.verify.native import Native, format_of, platform_findings, read_native
from piot.run.verify.policy import path_findings, policy_findings
from piot.run.verify.tags import PlatformTag

_SHARED = re.compile(r".+\.(so(\.\d+)*|pyd|dylib|dll)")
_STABLE = frozenset({"abi3", "abi3t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is in a wheel (files by name), and what its tags say of it."""

    members: Mapping[str, bytes]
    platforms: tuple[PlatformTag, ...]
    abis: frozenset[str]


def content_findings(content: Content) -> Iterator[str]:
    """What is wrong with the wheel's binaries, one sentence each."""
    natives: dict[str, Native] = {}
    yield from _read(content, natives)
    tags = listed([str(tag) for tag in content.platforms])
    if any(tag.family == "any" for tag in content.platforms):
        if natives:
            yield f"The wheel is tagged {tags}, but holds binaries for one platform: {listed([*natives])}."
        return
    if any(tag.family == "unknown" for tag in content.platforms):
        yield f"The wheel is tagged {tags}, a platform that piot does not know."
        return
    if not natives:
        yield f"The wheel is tagged {tags}, but holds no binary for it."
    yield from _place_findings(natives, content)
    elves = [native.elf for native in natives.values() if native.elf]
    inside = frozenset({*map(posixpath.basename, natives), *(elf.soname for elf in elves if elf.soname)})
    needed = frozenset(name for elf in elves for name in elf.needed)
    for name, native in natives.items():
        yield from _native_findings(name, native, content, inside)
        yield from _module_findings(name, native, content, needed)


def _read(content: Content, natives: dict[str, Native]) -> Iterator[str]:
    """Puts the wheel's binaries into ``natives``; findings are those that are none, or damaged."""
    for name, data in content.members.items():
        if (kind := format_of(data)) and not _is_data(name, kind, content):
            try:
                natives[name] = read_native(data)
            except ValueError as error:
                yield f"{name} cannot be proven: {error}."
        elif not kind and _SHARED.fullmatch(name):
            yield f"{name} is named as a library, but is neither ELF, Mach-O, PE nor WebAssembly."


def _is_data(name: str, kind: str, content: Content) -> bool:
    """Launchers for Windows and portable WebAssembly, which wheels for other platforms carry as data."""
    families = {tag.family for tag in content.platforms}
    launcher = name.endswith(".exe") and "windows" not in families
    return launcher or (kind == "WebAssembly" and "wasm" not in families)


def _place_findings(natives: Mapping[str, Native], content: Content) -> Iterator[str]:
    """Binaries in a purelib place, which installers may share between platforms."""
    where = next(name for name in content.members if name.endswith(".dist-info/WHEEL"))
    if natives and b"root-is-purelib: true" in content.members[where].lower():
        yield f"{where} has Root-Is-Purelib: true, expected false for a wheel with binaries."
    for name in natives:
        if name.split("/")[0].endswith(".data") and name.split("/")[1:2] == ["purelib"]:
            yield f"{name} lies in purelib, expected platlib for a binary."


def _native_findings(name: str, native: Native, content: Content, inside: frozenset[str]) -> Iterator[str]:
    for tag in content.platforms:
        yield from platform_findings(name, native, tag.platform)
        if native.elf and tag.family in ("manylinux", "musllinux"):
            yield from policy_findings(name, native.elf, tag, inside)
    if native.elf:
        yield from path_findings(name, native.elf)


def _module_findings(name: str, native: Native, content: Content, needed: frozenset[str]) -> Iterator[str]:
    """Whether a library of an importable ABI is a module that its Pythons find, or needed by one.

    A wheel with the ABI ``none`` opens its libraries itself (cffi, ctypes): nothing is asked of them.
    """
    if not native.library or not _SHARED.fullmatch(name) or content.abis <= {"none"}:
        return
    own = posixpath.basename(name)
    stem, _, suffix = own.partition(".")
    if native.elf is not None and not _is_module(stem, native.elf):
        if needed.isdisjoint({own, native.elf.soname or own}):
            yield f"{name} is a stray library: it has no PyInit_{stem}, and no other file needs it."
    elif suffix.endswith(("so", "pyd")) and (expected := _wrong_suffix(suffix, content)):
        yield f"{name} cannot be imported under the wheel's tags, expected the name {stem}.{expected}."


def _is_module(stem: str, elf: Elf) -> bool:
    """PEP 489's hooks (PyInitU_ for other than ASCII names), PEP 793's, and PyPy's of cffi."""
    hooks = {f"PyInit_{stem}", f"PyModExport_{stem}", f"_cffi_pypyinit_{stem}"}
    return bool(hooks & elf.exported) or any(each.startswith("PyInitU_") for each in elf.exported)


def _wrong_suffix(suffix: str, content: Content) -> str | None:
    """The suffix that importlib looks for, when a module's own is not one (PEP 3149, PEP 384)."""
    if suffix.endswith("pyd"):
        return None if suffix == "pyd" or content.abis.isdisjoint(_STABLE) else "pyd"
    if content.abis <= _STABLE:
        return None if suffix.removesuffix(".so") in content.abis else f"{min(content.abis)}.so"
    if suffix in ("so", "abi3.so", "abi3t.so"):
        return None
    fitting = _tagged_suffixes(content)
    fits = not fitting or suffix.startswith(tuple(fitting))
    return None if fits else f"{min(fitting)}….so"


def _tagged_suffixes(content: Content) -> frozenset[str]:
    """How CPython's own suffixes start for the wheel's ABIs and platforms: ``cpython-312-aarch64-linux-``."""
    abis = {abi.removeprefix("cp") for abi in content.abis if re.fullmatch(r"cp\d+\w*", abi)}
    systems = {
        f"{MACHINES[machine].multiarch}-linux-" if tag.platform.os == "linux" else "darwin"
        for tag in content.platforms
        for machine in tag.platform.machines
        if tag.platform.os in ("linux", "apple")
    }
    return frozenset(f"cpython-{abi}-{system}" for abi in abis for system in systems)
