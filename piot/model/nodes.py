"""Merkle directories of REAPI v2: the values and their canonical bytes.

Field numbers are those of ``build.bazel.remote.execution.v2``
(https://github.com/bazelbuild/remote-apis, remote_execution.proto).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from piot.errors import InputError
from piot.model import wire
from piot.model.digest import Digest

_HEX = b"0123456789abcdef"
_WINDOWS_RESERVED = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNode:
    """A regular file: of its mode only the x bit counts."""

    name: str
    digest: Digest
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryNode:
    """A subdirectory, by the digest of its encoded ``Directory``."""

    name: str
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SymlinkNode:
    """A symbolic link with its target as written."""

    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One directory of a Merkle tree, each list sorted by name."""

    files: tuple[FileNode, ...] = ()
    directories: tuple[DirectoryNode, ...] = ()
    symlinks: tuple[SymlinkNode, ...] = ()


def encode_digest(digest: Digest) -> bytes:
    """REAPI ``Digest``; the first branch is the common one, as in ``encode_file``."""
    if len(digest.hash) == 64 and digest.size:
        return b"\n\x40%b\x10%b" % (digest.hash.encode(), wire.varint(digest.size))
    return wire.text(1, digest.hash) + wire.integer(2, digest.size)


def decode_digest(encoded: bytes) -> Digest:
    """Back from bytes; raises InputError unless it names a SHA-256 and a size.

    Canonical bytes, which is what trees are full of, are read without looking for fields.
    """
    if encoded[:2] == b"\n\x40" and encoded[66:67] == b"\x10" and not encoded[2:66].strip(_HEX):
        size, end = wire.read_varint(encoded, 67)
        if end == len(encoded) and size < 1 << 63:
            return Digest(encoded[2:66].decode(), size)
    fields = wire.Fields.parse(encoded)
    return Digest.parse(f"{fields.text(1)}/{fields.integer(2)}")


def encode_file(name: str, digest: Digest, executable: bool) -> bytes:
    """REAPI ``FileNode``; the common case is spelled out, because trees are large."""
    text, blob = wire.utf8(name), encode_digest(digest)
    if 0 < len(text) < 0x80 and len(blob) < 0x80:
        return b"\n%c%b\x12%c%b%b" % (len(text), text, len(blob), blob, b"\x20\x01" if executable else b"")
    return wire.text(1, name) + wire.message(2, blob) + wire.integer(4, executable)


def encode_subdirectory(name: str, digest: Digest) -> bytes:
    """REAPI ``DirectoryNode``."""
    return wire.text(1, name) + wire.message(2, encode_digest(digest))


def encode_symlink(name: str, target: str) -> bytes:
    """REAPI ``SymlinkNode``."""
    return wire.text(1, name) + wire.text(2, target)


def join_directory(files: Iterable[bytes], directories: Iterable[bytes], symlinks: Iterable[bytes]) -> bytes:
    """REAPI ``Directory`` of encoded nodes, each iterable already sorted by name."""
    parts = [wire.message(1, node) for node in files]
    parts += [wire.message(2, node) for node in directories]
    parts += [wire.message(3, node) for node in symlinks]
    return b"".join(parts)


def encode_directory(directory: Directory) -> bytes:
    """Canonical REAPI ``Directory``: nodes sorted by the UTF-8 bytes of their names.

    Sorting by code points is the same order, because UTF-8 preserves it.
    """
    return join_directory(
        (encode_file(n.name, n.digest, n.executable) for n in sorted(directory.files, key=lambda n: n.name)),
        (encode_subdirectory(n.name, n.digest) for n in sorted(directory.directories, key=lambda n: n.name)),
        (encode_symlink(n.name, n.target) for n in sorted(directory.symlinks, key=lambda n: n.name)),
    )


def decode_directory(encoded: bytes) -> Directory:
    """Back from bytes; raises InputError for a name that could lead out of its directory."""
    fields = wire.Fields.parse(encoded)
    return Directory(
        files=tuple(_file(node) for node in fields.messages(1)),
        directories=tuple(_subdirectory(node) for node in fields.messages(2)),
        symlinks=tuple(_symlink(node) for node in fields.messages(3)),
    )


def check_path(path: str) -> str:
    """``path`` again when it is relative, posix and stays inside; else InputError that names it."""
    for name in path.split("/"):
        if name in ("", ".", "..") or "\0" in name:
            raise InputError(
                f"not a path inside the tree: {path!r}",
                hint="paths are relative, with / between the parts, and no empty part, . or ..",
            )
    return path


def link_problem(path: str, target: str) -> str | None:
    """Why a link at ``path`` (relative to the tree's root) could lead out of the tree, or None.

    ``..`` may stand at the start only: behind another part it would go up from wherever a second
    link leads, which is how chains of innocent links escape (vercel/turborepo#13051).
    """
    parts = target.split("/")
    if target.startswith("/") or "\\" in target or not target or "\0" in target:
        return "its target is not a relative path"
    ups = next((index for index, part in enumerate(parts) if part != ".."), len(parts))
    if ".." in parts[ups:]:
        return "its target goes up after going down"
    if ups > path.count("/"):
        return "its target lies outside"
    return None


def windows_problem(name: str) -> str | None:
    """Why Windows would give ``name`` another meaning than a plain file of that name, or None."""
    if set(name) & set('\\:*?"<>|'):
        return "a character that Windows reserves"
    if name[-1:] in (".", " "):
        return "a dot or a space at the end, which Windows drops"
    if name.split(".")[0].rstrip().upper() in _WINDOWS_RESERVED:
        return "the name of a Windows device"
    return None


def _name(fields: wire.Fields) -> str:
    name = fields.text(1)
    if "/" in name:
        raise InputError(f"not the name of a file: {name!r}")
    return check_path(name)


def _file(encoded: bytes) -> FileNode:
    fields = wire.Fields.parse(encoded)
    digest = decode_digest(fields.message(2) or b"")
    return FileNode(name=_name(fields), digest=digest, executable=bool(fields.integer(4)))


def _subdirectory(encoded: bytes) -> DirectoryNode:
    fields = wire.Fields.parse(encoded)
    return DirectoryNode(name=_name(fields), digest=decode_digest(fields.message(2) or b""))


def _symlink(encoded: bytes) -> SymlinkNode:
    fields = wire.Fields.parse(encoded)
    return SymlinkNode(name=_name(fields), target=fields.text(2))
