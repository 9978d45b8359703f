"""Paths of the build machine inside results: found by bytes, archives included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from piot.run.verify.archive import read_tar_gz, read_tar_xz, read_zip

# Enough to see where a path comes from; a binary with debug information names thousands.
_PER_PATH = 5
_DEPTH = 3
# What may follow a folder's name without being part of it: /home/me is not in /home/melissa.
_NAME = re.compile(rb"[0-9A-Za-z_.-]")
# A path ends, for the report, at a control character, blank, quote or bracket.
_SHOWN = re.compile(rb"[^\x00-\x20\x7f\"'`<>|*?(){}\[\];,]{1,160}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A path of the build machine in a result.

    ``member`` is the file inside an archive (``a.whl!b`` style nesting with ``!``), empty for the file
    itself; ``text`` the path as it stands there; ``offset`` where it starts, in bytes.
    """

    member: str
    text: str
    offset: int


def find_leaks(data: bytes, forbidden: Sequence[bytes | str]) -> tuple[Leak, ...]:
    """The leaks in a file's bytes, at most five different ones per path and member."""
    needles = sorted({spelling for path in forbidden for spelling in _spellings(path)})
    return tuple(
        leak
        for member, content in _members("", data, _DEPTH)
        for needle in needles
        for leak in _in(member, content, needle)
    )


def _spellings(path: bytes | str) -> set[bytes]:
    """A path as tools write it: as it is, with forward slashes, and with escaped backslashes."""
    text = path.encode("utf-8", "surrogateescape") if isinstance(path, str) else path
    plain = text.rstrip(b"/\\")
    return {plain, plain.replace(b"\\", b"/"), plain.replace(b"\\", b"\\\\")} - {b""}


def _members(name: str, data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """A file, or, when it is an archive, what is in it; a broken archive counts as plain bytes."""
    archive = None
    if depth and data[:4] == b"PK\x03\x04":
        archive = read_zip(data)
    elif depth and data[:2] == b"\x1f\x8b":
        archive = read_tar_gz(data)
    elif depth and data[:6] == b"\xfd7zXZ\0":
        archive = read_tar_xz(data)
    if archive is None or not archive.members:
        yield name, data
        return
    for member, content in archive.members.items():
        yield from _members(f"{name}!{member}" if name else member, content, depth - 1)


def _in(member: str, data: bytes, needle: bytes) -> Iterator[Leak]:
    seen: set[bytes] = set()
    at = data.find(needle)
    while at >= 0 and len(seen) < _PER_PATH:
        end = at + len(needle)
        shown = _SHOWN.match(data, at)
        if shown and not _NAME.match(data, end) and shown[0] not in seen:
            seen.add(shown[0])
            yield Leak(member=member, text=shown[0].decode("utf-8", "replace"), offset=at)
        at = data.find(needle, end)
