"""What an ELF file is and needs, read by pyelftools."""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from piot.run.verify.machines import MACHINES

if TYPE_CHECKING:
    from elftools.elf.elffile import ELFFile

# pyelftools trusts offsets and types in the file; a damaged one fails somewhere inside it.
_DAMAGED = (AssertionError, AttributeError, LookupError, MemoryError, OverflowError, TypeError, struct.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elf:
    """The facts of one ELF file.

    ``machine`` is (e_machine, word size in bits, little endian) as in Machine.elf. ``kind`` is e_type
    (``ET_EXEC``, ``ET_DYN``, …), ``pie`` whether DF_1_PIE makes an ET_DYN a program. ``needed`` and
    ``paths`` are the values of DT_NEEDED, and of DT_RPATH and DT_RUNPATH split at colons. ``versions``
    maps (library, symbol version) to the imported symbols that ask for it. ``undefined`` and ``exported``
    are the names in the dynamic symbol table; a weak import is optional and not in ``undefined``.
    """

    machine: tuple[str, int, bool]
    kind: str
    pie: bool
    interpreter: str | None
    soname: str | None
    needed: tuple[str, ...]
    paths: tuple[str, ...]
    versions: Mapping[tuple[str, str], tuple[str, ...]]
    undefined: frozenset[str]
    exported: frozenset[str]

    @property
    def machines(self) -> frozenset[str]:
        """The machine in the words of MACHINES (armv7 and arm look the same), or as the header has it."""
        known = frozenset(name for name, machine in MACHINES.items() if machine.elf == self.machine)
        return known or frozenset({f"{self.machine[0]} ({self.machine[1]} bits)"})

    @property
    def is_program(self) -> bool:
        """Whether it can be started; ET_DYN is position-independent then, static or with a loader."""
        started = self.pie or self.interpreter is not None
        return self.kind == "ET_EXEC" or (self.kind == "ET_DYN" and started)

    @property
    def is_library(self) -> bool:
        """Whether it can be loaded; a library may name an interpreter, as glibc's own does."""
        return self.kind == "ET_DYN" and not self.pie


def read_elf(data: bytes) -> Elf:
    """The facts of an ELF file; raises ValueError, with the reason, when it cannot be read as one."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        return _facts(ELFFile(io.BytesIO(data)))
    except ELFError as error:
        raise ValueError(f"it is not a sound ELF file ({error})") from error
    except _DAMAGED as error:
        raise ValueError(f"it is not a sound ELF file ({type(error).__name__})") from error


def _facts(elf: ELFFile) -> Elf:
    tags = _dynamic(elf)
    versions = _versions(elf, declared=bool(tags["DT_VERNEED"]))
    undefined, exported, asked = _symbols(elf)
    return Elf(
        machine=(str(elf["e_machine"]), elf.elfclass, elf.little_endian),
        kind=str(elf["e_type"]),
        pie=bool(tags["DF_1_PIE"]),
        interpreter=_interpreter(elf),
        soname=next(iter(tags["DT_SONAME"]), None),
        needed=tuple(tags["DT_NEEDED"]),
        paths=tuple(part for text in (*tags["DT_RPATH"], *tags["DT_RUNPATH"]) for part in text.split(":")),
        versions={name: tuple(sorted(asked[index])) for index, name in versions.items()},
        undefined=undefined,
        exported=exported,
    )


def _dynamic(elf: ELFFile) -> defaultdict[str, list[str]]:
    """The dynamic tags whose values are text; DT_VERNEED and DF_1_PIE for their presence."""
    from elftools.elf.dynamic import DynamicSegment

    found: defaultdict[str, list[str]] = defaultdict(list)
    texts = {"DT_NEEDED": "needed", "DT_SONAME": "soname", "DT_RPATH": "rpath", "DT_RUNPATH": "runpath"}
    for segment in elf.iter_segments(type="PT_DYNAMIC"):
        if isinstance(segment, DynamicSegment):
            for tag in segment.iter_tags():
                name = str(tag.entry.d_tag)
                if name in texts:
                    found[name].append(str(getattr(tag, texts[name])))
                elif name == "DT_VERNEED":
                    found[name].append("")
                elif name == "DT_FLAGS_1" and int(tag.entry.d_val) & 0x08000000:
                    found["DF_1_PIE"].append("")
    return found


def _interpreter(elf: ELFFile) -> str | None:
    from elftools.elf.segments import InterpSegment

    segments = (segment for segment in elf.iter_segments(type="PT_INTERP"))
    return next((str(each.get_interp_name()) for each in segments if isinstance(each, InterpSegment)), None)


def _versions(elf: ELFFile, *, declared: bool) -> dict[int, tuple[str, str]]:
    """Version index (vna_other) to (library, version), from SHT_GNU_verneed."""
    from elftools.elf.gnuversions import GNUVerNeedSection

    sections = [each for each in elf.iter_sections() if isinstance(each, GNUVerNeedSection)]
    if declared and not sections:
        raise ValueError("its section headers were removed, so its symbol versions cannot be read")
    # A Verneed entry has 16 bytes; pyelftools would follow a damaged count for hours.
    if any(section.num_versions() > section["sh_size"] // 16 for section in sections):
        raise ValueError("it is not a sound ELF file (more version entries than room)")
    return {
        int(version["vna_other"]): (str(library.name), str(version.name))
        for section in sections
        for library, versions in section.iter_versions()
        for version in versions
    }


def _symbols(elf: ELFFile) -> tuple[frozenset[str], frozenset[str], defaultdict[int, set[str]]]:
    """Undefined and exported names of the dynamic symbol table, and undefined ones by version index."""
    from elftools.elf.gnuversions import GNUVerSymSection
    from elftools.elf.sections import SymbolTableSection

    undefined: set[str] = set()
    exported: set[str] = set()
    asked: defaultdict[int, set[str]] = defaultdict(set)
    indexes = next((each for each in elf.iter_sections() if isinstance(each, GNUVerSymSection)), None)
    for section in elf.iter_sections(type="SHT_DYNSYM"):
        if not isinstance(section, SymbolTableSection):
            continue
        for number, symbol in enumerate(section.iter_symbols()):
            if symbol["st_shndx"] != "SHN_UNDEF":
                exported.add(symbol.name)
            elif symbol.name:
                if symbol["st_info"]["bind"] != "STB_WEAK":
                    undefined.add(symbol.name)
                if indexes is not None:
                    index = indexes.get_symbol(number)["ndx"]
                    asked[index if isinstance(index, int) else 0].add(symbol.name)
    return frozenset(undefined), frozenset(exported), asked
