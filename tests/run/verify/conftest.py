"""Builders of the files that the proofs are tried on: small, real in format, made in memory."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pytest

Versions = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Byte order and word size of an ELF file, and the structures that depend on them."""

    wide: bool
    order: str

    def pack(self, layout: str, *values: int) -> bytes:
        """``W`` is a word of the file's size."""
        return struct.pack(self.order + layout.replace("W", "Q" if self.wide else "I"), *values)

    def symbol(self, name: int, info: int, section: int) -> bytes:
        if self.wide:
            return self.pack("IBBHQQ", name, info, 0, section, 0, 0)
        return self.pack("IIIBBH", name, 0, 0, info, 0, section)

    def segment(self, kind: int, at: int, size: int) -> bytes:
        if self.wide:
            return self.pack("IIQQQQQQ", kind, 4, at, at, at, size, size, 1)
        return self.pack("IIIIIIII", kind, at, at, at, size, size, 4, 1)


class _Tables:
    """The dynamic tables of an ELF file while they grow: strings, symbols, versions, tags."""

    def __init__(self, layout: _Layout) -> None:
        self.layout = layout
        self.strings = b"\0"
        self.dynsym = layout.symbol(0, 0, 0)
        self.versym = layout.pack("H", 0)
        self.verneed = b""
        self.dynamic = b""
        self.libraries = 0
        self.last_version = 1

    def text(self, text: str) -> int:
        at = len(self.strings)
        self.strings += text.encode() + b"\0"
        return at

    def add_symbol(self, name: str, *, info: int = 0x12, section: int = 0, version: int = 0) -> None:
        self.dynsym += self.layout.symbol(self.text(name), info, section)
        self.versym += self.layout.pack("H", version)

    def add_tag(self, tag: int, value: int) -> None:
        self.dynamic += self.layout.pack("WW", tag, value)

    def add_versions(self, versions: Versions) -> None:
        """Elf_Verneed entries, each followed by its Elf_Vernaux entries; 16 bytes each."""
        self.libraries = len(versions)
        for library, wanted in versions.items():
            aux = b""
            for version, names in wanted.items():
                self.last_version += 1
                for name in names:
                    self.add_symbol(name, version=self.last_version)
                following = 16 if len(aux) // 16 + 1 < len(wanted) else 0
                aux += self.layout.pack("IHHII", 0, 0, self.last_version, self.text(version), following)
            following = 0 if library == [*versions][-1] else 16 + len(aux)
            head = self.layout.pack("HHIII", 1, len(wanted), self.text(library), 16, following)
            self.verneed += head + aux


def build_elf(
    *,
    machine: int = 62,
    bits: int = 64,
    little: bool = True,
    kind: int = 3,
    needed: Sequence[str] = (),
    versions: Versions | None = None,
    exports: Sequence[str] = (),
    imports: Sequence[str] = (),
    weak: Sequence[str] = (),
    soname: str | None = None,
    runpath: str | None = None,
    interpreter: str | None = None,
    pie: bool = False,
    stripped: bool = False,
) -> bytes:
    """An ELF file with the dynamic tables that are asked for, addresses equal to offsets.

    ``versions`` is library to symbol version to imported symbols; ``stripped`` leaves out section headers.
    """
    tables = _Tables(_Layout(wide=bits == 64, order="<" if little else ">"))
    for name in exports:
        tables.add_symbol(name, section=1)
    for name in imports:
        tables.add_symbol(name)
    for name in weak:
        tables.add_symbol(name, info=0x22)
    tables.add_versions(versions or {})
    for tag, texts in ((1, needed), (14, [soname] if soname else []), (29, [runpath] if runpath else [])):
        for text in texts:
            tables.add_tag(tag, tables.text(text))
    if pie:
        tables.add_tag(0x6FFFFFFB, 0x08000000)
    return _assemble(tables, kind, machine, interpreter, stripped=stripped)


def _assemble(tables: _Tables, kind: int, machine: int, interpreter: str | None, *, stripped: bool) -> bytes:
    layout = tables.layout
    header, segment, symbol, row = (64, 56, 24, 64) if layout.wide else (52, 32, 16, 40)
    # Section: name, type, content, index of the linked section, size of an entry.
    sections = [
        (".interp", 1, (interpreter or "").encode() + b"\0", 0, 0),
        (".dynstr", 3, tables.strings, 0, 0),
        (".dynsym", 11, tables.dynsym, 2, symbol),
        (".gnu.version", 0x6FFFFFFF, tables.versym, 3, 2),
        *([(".gnu.version_r", 0x6FFFFFFE, tables.verneed, 2, 0)] if tables.verneed else []),
    ]
    starts: dict[str, int] = {}
    end = header + 3 * segment
    for name, _, content, _, _ in sections:
        starts[name] = end
        end += len(content)
    for tag, name in ((5, ".dynstr"), (6, ".dynsym"), (0x6FFFFFFE, ".gnu.version_r")):
        if name in starts:
            tables.add_tag(tag, starts[name])
    tables.add_tag(10, len(tables.strings))
    tables.add_tag(0, 0)
    starts[".dynamic"] = end
    sections.append((".dynamic", 6, tables.dynamic, 2, symbol * 2 // 3))
    end += len(tables.dynamic)

    segments = layout.segment(1, 0, end) + layout.segment(2, starts[".dynamic"], len(tables.dynamic))
    segments += layout.segment(3, starts[".interp"], len(sections[0][2])) if interpreter else bytes(segment)
    starts[".shstrtab"] = end
    names = b"\0" + b"".join(name.encode() + b"\0" for name, *_ in sections) + b".shstrtab\0"
    body = b"".join(content for _, _, content, _, _ in sections)
    sections.append((".shstrtab", 3, names, 0, 0))
    rows = bytes(row) + b"".join(
        layout.pack(
            "IIWWWWIIWW",
            *(names.index(b"\0" + name.encode() + b"\0") + 1, type_, 0, starts[name], starts[name]),
            *(len(content), link, tables.libraries, 1, size),
        )
        for name, type_, content, link, size in sections
    )
    count = 0 if stripped else len(sections) + 1
    ident = b"\x7fELF" + bytes([2 if layout.wide else 1, 1 if layout.order == "<" else 2, 1]) + bytes(9)
    head = ident + layout.pack(
        "HHIWWWIHHHHHH",
        *(kind, machine, 1, 0, header, end + len(names) if count else 0, 0),
        *(header, segment, 3, row, count, max(count - 1, 0)),
    )
    return head + segments + body + (names + rows if count else b"")


def build_wheel(
    files: Mapping[str, bytes],
    *,
    name: str = "demo",
    version: str = "1.0",
    tags: str = "py3-none-any",
    purelib: bool | None = None,
    replace: Mapping[str, bytes | None] | None = None,
    runs: Collection[str] = (),
) -> tuple[str, bytes]:
    """File name and bytes of a sound wheel; ``replace`` then puts or drops members without telling RECORD."""
    folder = f"{name}-{version}.dist-info"
    python, abi, platforms = tags.split("-")
    lines = "".join(
        f"Tag: {p}-{a}-{t}\n" for p in python.split(".") for a in abi.split(".") for t in platforms.split(".")
    )
    pure = tags.endswith("-any") if purelib is None else purelib
    members = {
        **files,
        f"{folder}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n".encode(),
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: {str(pure).lower()}\n{lines}".encode(),
    }
    record = "".join(
        f"{member},sha256={_record_hash(data)},{len(data)}\n" for member, data in members.items()
    )
    members[f"{folder}/RECORD"] = f"{record}{folder}/RECORD,,\n".encode()
    for member, data in (replace or {}).items():
        if data is None:
            del members[member]
        else:
            members[member] = data
    return f"{name}-{version}-{tags}.whl", build_zip(members, runs)


def _record_hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def build_zip(members: Mapping[str, bytes], runs: Collection[str] = ()) -> bytes:
    """A zip file with deflated members; the files called as ``runs`` says may be run."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100755 if name.rpartition("/")[2] in runs else 0o100644) << 16
            archive.writestr(info, data)
    return stream.getvalue()


def build_tar_gz(
    members: Mapping[str, bytes],
    links: Mapping[str, str] | None = None,
    modes: Mapping[str, int] | None = None,
) -> bytes:
    """A gzipped tar file with regular members (0644 unless ``modes`` says otherwise) and symbolic links."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), (modes or {}).get(name, 0o644)
            archive.addfile(info, io.BytesIO(data))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return gzip.compress(stream.getvalue(), mtime=0)


@pytest.fixture(scope="session")
def make_elf() -> Callable[..., bytes]:
    return build_elf


@pytest.fixture(scope="session")
def make_wheel() -> Callable[..., tuple[str, bytes]]:
    return build_wheel


@pytest.fixture(scope="session")
def make_zip() -> Callable[..., bytes]:
    return build_zip


@pytest.fixture(scope="session")
def make_tar_gz() -> Callable[..., bytes]:
    return build_tar_gz
