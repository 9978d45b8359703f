"""Tar archives in memory, the same bytes for the same content."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file, or a symbolic link when ``link`` holds its target."""

    data: bytes = b""
    executable: bool = False
    link: str | None = None


def packed(entries: Mapping[str, Entry]) -> bytes:
    """An uncompressed tar of ``entries`` by their posix paths, sorted, without times and owners."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, entry in sorted(entries.items()):
            info = tarfile.TarInfo(path)
            info.mode = 0o755 if entry.executable else 0o644
            if entry.link is not None:
                info.type, info.linkname = tarfile.SYMTYPE, entry.link
            info.size = len(entry.data) if entry.link is None else 0
            archive.addfile(info, io.BytesIO(entry.data))
    return buffer.getvalue()


def unpacked(data: bytes) -> dict[str, Entry]:
    """The entries of a tar made by :func:`packed`."""
    import tarfile

    entries: dict[str, Entry] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            if info.issym():
                entries[info.name] = Entry(link=info.linkname)
            elif (file := archive.extractfile(info)) is not None:
                entries[info.name] = Entry(data=file.read(), executable=bool(info.mode & 0o111))
    return entries
