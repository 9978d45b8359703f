"""The headers of Mach-O and PE files: what they are and for which machines."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from piot.run.verify.machines import MACHINES

_KINDS = {2: "program", 6: "library", 8: "library"}  # MH_EXECUTE, MH_DYLIB, MH_BUNDLE of <mach-o/loader.h>
_THIN = {b"\xcf\xfa\xed\xfe": 28 + 4, b"\xce\xfa\xed\xfe": 28}  # little endian, 64 and 32 bits: header size
_FAT = {b"\xca\xfe\xba\xbe": (">IIIII", 2), b"\xca\xfe\xba\xbf": (">IIQQII", 2)}  # fat_arch, fat_arch_64


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A Mach-O or PE file: ``kind`` is ``program``, ``library`` or ``other``.

    ``machines`` are keys of MACHINES, or the raw number of a machine that is not there.
    """

    kind: str
    machines: frozenset[str]


def read_macho(data: bytes) -> Image:
    """A thin or universal Mach-O file; raises ValueError when it is cut short or empty."""
    try:
        if data[:4] in _THIN:
            return _thin(data)
        slices = [_thin(data[start : start + size]) for start, size in _slices(data)]
    except struct.error as error:
        raise ValueError("its Mach-O header is cut short") from error
    if not slices:
        raise ValueError("it is a universal Mach-O file without content")
    kinds = {image.kind for image in slices}
    machines = frozenset[str]().union(*(image.machines for image in slices))
    return Image(kind=kinds.pop() if len(kinds) == 1 else "other", machines=machines)


def _slices(data: bytes) -> list[tuple[int, int]]:
    layout, at = _FAT[data[:4]]
    (count,) = struct.unpack_from(">I", data, 4)
    rows = [struct.unpack_from(layout, data, 8 + i * struct.calcsize(layout)) for i in range(count)]
    return [(row[at], row[at + 1]) for row in rows]


def _thin(data: bytes) -> Image:
    if len(data) < _THIN.get(data[:4], 28):
        raise ValueError("its Mach-O header is cut short")
    cpu, _, kind = struct.unpack_from("<III", data, 4)
    return Image(kind=_KINDS.get(kind, "other"), machines=frozenset({_machine("macho", cpu)}))


def read_pe(data: bytes) -> Image:
    """A PE file; raises ValueError when its header is cut short."""
    try:
        (start,) = struct.unpack_from("<I", data, 0x3C)
        machine = struct.unpack_from("<H", data, start + 4)[0]
        flags = struct.unpack_from("<H", data, start + 22)[0]
    except struct.error as error:
        raise ValueError("its PE header is cut short") from error
    # Characteristics of the PE specification: IMAGE_FILE_DLL 0x2000, IMAGE_FILE_EXECUTABLE_IMAGE 0x0002.
    kind = "library" if flags & 0x2000 else "program" if flags & 0x0002 else "other"
    return Image(kind=kind, machines=frozenset({_machine("pe", machine)}))


def _machine(column: str, number: int) -> str:
    known = (name for name, machine in MACHINES.items() if getattr(machine, column) == number)
    return next(known, f"machine {number:#x}")


def is_macho(data: bytes) -> bool:
    """Whether this starts like Mach-O; Java classes share the universal magic but not so small a count."""
    return data[:4] in _THIN or (data[:4] in _FAT and 0 < int.from_bytes(data[4:8], "big") < 40)


def is_pe(data: bytes) -> bool:
    """Whether this is a PE file, and not any text or DOS program that starts with ``MZ``."""
    start = int.from_bytes(data[0x3C:0x40], "little")
    return data[:2] == b"MZ" and data[start : start + 4] == b"PE\0\0"
