"""Archives into trees: read member by member in memory, written nowhere but into the store."""

from __future__ import annotations

import io
import json
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Protocol

from piot.errors import InputError
from piot.model.digest import Digest
from piot.model.tree import Tree, TreeBuilder
from piot.run.fetch.tars import Entry

if TYPE_CHECKING:
    import tarfile

Kind = Literal["crate", "wheel", "tar"]

_FORMAT = "1"
"""Raised when the same archive gives another tree."""
_MOST_BYTES = 8 << 30
_MOST_MEMBERS = 400_000


class TreeStore(Protocol):
    """What unpacking needs of the store; ``LocalStore`` has it."""

    def put_bytes(self, data: bytes) -> Digest: ...
    def put_tree(self, tree: Tree) -> object: ...
    def has(self, digest: Digest) -> bool: ...
    def read(self, digest: Digest) -> bytes: ...
    def get_memo(self, name: str, key: bytes) -> bytes | None: ...
    def put_memo(self, name: str, key: bytes, value: bytes) -> None: ...


def unpack(store: TreeStore, blob: Digest, kind: Kind, *, sha256: str | None, anew: bool = False) -> Digest:
    """The root directory (REAPI) of what the archive ``blob`` holds; unpacked once per store.

    * ``crate``: what is in its one folder, and ``.cargo-checksum.json`` with ``sha256`` (of the registry's
      ``.crate``), as cargo wants it in a directory source;
    * ``wheel``: what an installer would lay out: the packages at the root, scripts in ``bin/``;
    * ``tar``: what it holds, compressed or not.

    With ``anew`` it is unpacked even when it was before: the way out when the store lost a part of the tree.
    Raises InputError when a member would leave the tree, is neither file, folder nor link, or when all is
    larger than 8 GiB or more than 400,000 members.
    """
    key = f"{_FORMAT} {kind} {blob} {sha256 or ''}".encode()
    if not anew and (said := store.get_memo("unpacked", key)) is not None:
        known = Digest.parse(said.decode())
        if store.has(known):
            return known
    tree = _tree(store, store.read(blob), kind, sha256)
    store.put_tree(tree)
    store.put_memo("unpacked", key, str(tree.root).encode())
    return tree.root


def _tree(store: TreeStore, data: bytes, kind: Kind, sha256: str | None) -> Tree:
    placed: dict[str, tuple[Digest, bool] | str] = {}
    folder = ""
    try:
        members = _wheel_members(data) if kind == "wheel" else _tar_members(data)
        for path, entry in members:
            place = path
            if kind == "crate":
                folder = folder or path.partition("/")[0]
                place = _below(folder, path)
            if entry.link is None:
                placed[place] = (store.put_bytes(entry.data), entry.executable)
            else:
                placed[place] = _safe_target(place, entry.link)
    except _what_archives_raise() as error:
        raise InputError(f"not a {kind} archive, or a damaged one: {error}") from error
    if kind == "crate":
        checksums = json.dumps({"files": {}, "package": sha256}, separators=(",", ":"))
        placed[".cargo-checksum.json"] = (store.put_bytes(checksums.encode()), False)
    builder = TreeBuilder()
    for path, what in placed.items():
        if isinstance(what, str):
            builder.add_symlink(path, what)
        else:
            builder.add_file(path, *what)
    return builder.build()


def _what_archives_raise() -> tuple[type[Exception], ...]:
    """RuntimeError is for an encrypted zip."""
    import tarfile
    import zipfile
    import zlib

    return (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


def _tar_members(data: bytes) -> Iterator[tuple[str, Entry]]:
    """Files and links of a tar; a later member of the same name wins, as tar means it."""
    import tarfile

    seen: dict[str, tarfile.TarInfo] = {}
    total = 0
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for count, member in enumerate(archive):
            total += member.size
            _bounded(count, total)
            path = _safe(member.name)
            if member.isdir() or not path:
                continue
            if member.issym():
                yield path, Entry(link=member.linkname)
                continue
            real = member if not member.islnk() else seen.get(_safe(member.linkname))
            if real is None or not real.isreg() or real.issparse():
                raise InputError(f"the archive member {member.name!r} is neither a file, a folder nor a link")
            seen[path] = real
            file = archive.extractfile(real)
            content = file.read() if file is not None else b""
            total += len(content) if member.islnk() else 0
            yield path, Entry(data=content, executable=bool(real.mode & 0o111))


def _wheel_members(data: bytes) -> Iterator[tuple[str, Entry]]:
    """Files of a wheel at the places where an installer puts them (PEP 427, *Installing a wheel*)."""
    import zipfile

    seen: set[str] = set()
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for count, member in enumerate(archive.infolist()):
            total += member.file_size
            _bounded(count, total)
            path = _safe(member.filename)
            mode = member.external_attr >> 16
            if member.is_dir():
                continue
            if mode & 0o170000 not in (0, 0o100000):
                raise InputError(f"the archive member {member.filename!r} is not a plain file")
            if path in seen:
                raise InputError(f"the archive has two members {member.filename!r}")
            seen.add(path)
            place, script = _installed(path)
            yield place, Entry(data=archive.read(member), executable=script or bool(mode & 0o111))


def _installed(path: str) -> tuple[str, bool]:
    """Where a wheel's member is installed, and whether it is a script."""
    top, _, rest = path.partition("/")
    if not top.endswith(".data"):
        return path, False
    scheme, _, inner = rest.partition("/")
    match scheme:
        case "purelib" | "platlib" | "data":
            return inner, False
        case "scripts":
            return f"bin/{inner}", True
        case "headers":
            return f"include/{inner}", False
        case _:
            raise InputError(f"the wheel has a folder that no installer knows: {path!r}")


def _below(folder: str, path: str) -> str:
    if not path.startswith(f"{folder}/"):
        raise InputError(f"the crate has a file outside of its folder {folder!r}: {path!r}")
    return path[len(folder) + 1 :]


def _safe(name: str) -> str:
    """A member's name as a path that stays in the tree; raises InputError when it does not."""
    windows_drive = len(name) > 1 and name[1] == ":" and name[0].isalpha()
    if name.startswith("/") or windows_drive or "\\" in name or "\0" in name or ".." in name.split("/"):
        raise InputError(f"the archive member {name!r} would leave its folder")
    path = posixpath.normpath(name)
    return "" if path == "." else path


def _safe_target(path: str, target: str) -> str:
    where = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if target.startswith("/") or "\\" in target or "\0" in target or where == ".." or where.startswith("../"):
        raise InputError(f"the link {path!r} leads out of the archive, to {target!r}")
    return target


def _bounded(count: int, total: int) -> None:
    if count >= _MOST_MEMBERS or total > _MOST_BYTES:
        raise InputError(
            f"the archive is absurdly large: more than {_MOST_MEMBERS} members or {_MOST_BYTES >> 30} GiB"
        )
