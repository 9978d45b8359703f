"""Archives read member by member in memory: zip (wheels), and tar by gzip (sdists, crates, npm) or xz."""

from __future__ import annotations

import io
import posixpath
import stat
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tarfile
    import zipfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """The files of an archive by name, and what is wrong with the archive itself.

    ``members`` holds regular files only, in the archive's order; ``links`` the names of symbolic and
    hard links with what they point to; ``executables`` the members that their owner may run.
    """

    members: Mapping[str, bytes]
    links: Mapping[str, str]
    findings: tuple[str, ...]
    executables: frozenset[str] = frozenset()


def read_zip(data: bytes) -> Archive:
    """All members of a zip file, each checked against its CRC-32."""
    import zipfile

    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            findings = [*_name_findings(info.orig_filename for info in infos)]
            runnable = frozenset(info.filename for info in infos if info.external_attr >> 16 & stat.S_IXUSR)
            for info in infos:
                if problem := _zip_problem(info):
                    findings.append(problem)
                elif not info.is_dir():
                    members[info.filename] = archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        return _broken(f"The file is not a sound zip archive: {error}.")
    return Archive(members=members, links={}, findings=tuple(findings), executables=runnable)


def _zip_problem(info: zipfile.ZipInfo) -> str | None:
    if info.flag_bits & 1:
        return f"Member {info.filename} is encrypted, which installers cannot read."
    if info.compress_type not in (0, 8):
        method = f"zip compression method {info.compress_type}"
        return f"Member {info.filename} uses {method}, expected stored or deflate."
    if stat.S_ISLNK(info.external_attr >> 16):
        return f"Member {info.filename} is a symbolic link, which installers write as a file."
    return None


def read_tar_gz(data: bytes) -> Archive:
    """All members of a gzipped tar file, the gzip checksum included."""
    import gzip

    return _read_tar("a sound gzipped tar archive", data, gzip.decompress)


def read_tar_xz(data: bytes) -> Archive:
    """All members of a tar file that xz packed, the checksums of xz included."""
    import lzma

    def unpacked(data: bytes) -> bytes:
        try:
            return lzma.decompress(data)
        except lzma.LZMAError as error:
            raise ValueError(str(error)) from error

    return _read_tar("a sound tar archive packed by xz", data, unpacked)


def _read_tar(what: str, data: bytes, unpacked: Callable[[bytes], bytes]) -> Archive:
    import tarfile

    members: dict[str, bytes] = {}
    links: dict[str, str] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(unpacked(data)), mode="r:") as archive:
            infos = archive.getmembers()
            findings = [*_name_findings(info.name for info in infos)]
            runnable = frozenset(info.name for info in infos if info.mode & stat.S_IXUSR)
            for info in infos:
                if info.issym() or info.islnk():
                    links[info.name] = info.linkname
                    findings += [_escape(info)] if _escapes(info) else []
                elif info.isfile():
                    stream = archive.extractfile(info)
                    members[info.name] = stream.read() if stream else b""
                elif not info.isdir():
                    findings.append(f"Member {info.name} is neither a file, a folder nor a link.")
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        return _broken(f"The file is not {what}: {error}.")
    return Archive(members=members, links=links, findings=tuple(findings), executables=runnable)


def _escapes(info: tarfile.TarInfo) -> bool:
    """Whether a link leaves the archive's one top folder (PEP 721, PEP 625)."""
    base = posixpath.dirname(info.name) if info.issym() else ""
    target = posixpath.normpath(posixpath.join(base, info.linkname))
    return target.split("/")[0] != info.name.split("/")[0]


def _escape(info: tarfile.TarInfo) -> str:
    return f"Member {info.name} links to {info.linkname}, outside the archive."


def _broken(finding: str) -> Archive:
    return Archive(members={}, links={}, findings=(finding,))


def _name_findings(names: Iterable[str]) -> Iterable[str]:
    """Names that occur twice, and names that would be unpacked elsewhere or differently."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"Member {name} occurs more than once."
        elif unsafe(name):
            yield f"Member {name!r} has an unsafe name: absolute, with '..', or not portable."
        seen.add(name)


def unsafe(name: str) -> bool:
    """Whether a member's name is anything but a plain relative path with ``/``."""
    parts = name.removesuffix("/").split("/")
    strange = "\\" in name or "\0" in name or parts[0][1:2] == ":"
    return strange or any(part in ("", ".", "..") for part in parts)
