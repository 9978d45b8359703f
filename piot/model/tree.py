"""Merkle trees: built from paths, with subtrees grafted by digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from piot.errors import InputError
from piot.model import nodes, wire
from piot.model.digest import Digest
from piot.model.nodes import (
    Directory,
    DirectoryNode,
    FileNode,
    SymlinkNode,
    check_path,
    decode_directory,
    encode_directory,
)

__all__ = [
    "Directory",
    "DirectoryNode",
    "FileNode",
    "SymlinkNode",
    "Tree",
    "TreeBuilder",
    "decode_directory",
    "encode_directory",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A root and the encoded directories below it by digest, the root's own included.

    Directories of grafted subtrees are not in ``directories``: whoever holds the store has them.
    """

    root: Digest
    directories: Mapping[Digest, bytes]

    def topological(self) -> Iterator[bytes]:
        """Encoded directories, root first, every parent before its children, each once.

        Raises KeyError when a subtree was grafted and is not here.
        """
        order: list[Digest] = []
        seen: set[Digest] = set()
        stack = [(self.root, False)]
        while stack:
            digest, done = stack.pop()
            if done:
                order.append(digest)
            elif digest not in seen:
                seen.add(digest)
                stack.append((digest, True))
                children = decode_directory(self.directories[digest]).directories
                stack.extend((child.digest, False) for child in children)
        return (self.directories[digest] for digest in reversed(order))


class _Folder:
    """A directory being filled, or a grafted one (``digest`` is set, nothing may be added)."""

    __slots__ = ("digest", "files", "folders", "symlinks")

    def __init__(self, digest: Digest | None = None) -> None:
        self.digest = digest
        self.files: dict[str, tuple[Digest, bool]] = {}
        self.symlinks: dict[str, str] = {}
        self.folders: dict[str, _Folder] = {}


class TreeBuilder:
    """Collects files, links and subtrees, then hashes each directory once.

    Every ``add_…`` takes a relative posix path and raises InputError, naming the path, when the
    path leaves the tree, when another thing stands there, or when it lies in a grafted subtree.
    Adding the same thing twice is fine.
    """

    def __init__(self) -> None:
        self._root = _Folder()
        self._known: dict[str, _Folder] = {"": self._root}

    def add_file(self, path: str, digest: Digest, executable: bool = False) -> None:
        """A regular file by the digest of its bytes."""
        folder, name = self._place(path)
        if folder.files.setdefault(name, (digest, executable)) != (digest, executable):
            raise _clash(path)
        if name in folder.folders or name in folder.symlinks:
            raise _clash(path)

    def add_symlink(self, path: str, target: str) -> None:
        """A symbolic link; the target is kept as written."""
        folder, name = self._place(path)
        if folder.symlinks.setdefault(name, target) != target:
            raise _clash(path)
        if name in folder.folders or name in folder.files:
            raise _clash(path)

    def add_directory(self, path: str, digest: Digest) -> None:
        """An existing Merkle subtree, by the digest of its directory; it is not loaded."""
        folder, name = self._place(path)
        if name in folder.files or name in folder.symlinks:
            raise _clash(path)
        if folder.folders.setdefault(name, _Folder(digest)).digest != digest:
            raise _clash(path)

    def add_empty(self, path: str) -> None:
        """A directory that is there even when nothing else is put into it."""
        if path:
            self._folder(check_path(path))

    def build(self) -> Tree:
        """The tree of what was added; the builder may be used further."""
        directories: dict[Digest, bytes] = {}
        return Tree(root=_hash(self._root, directories), directories=directories)

    def _place(self, path: str) -> tuple[_Folder, str]:
        parent, _, name = path.rpartition("/")
        folder = self._known.get(parent)
        if folder is None or name in ("", ".", "..") or path[0] == "/" or not path.isascii() or "\0" in name:
            wire.utf8(check_path(path))
            folder = self._folder(parent)
        return folder, name

    def _folder(self, path: str) -> _Folder:
        known = self._known.get(path)
        if known is not None:
            return known
        parent, _, name = path.rpartition("/")
        above = self._folder(parent)
        if name in above.files or name in above.symlinks:
            raise _clash(path)
        folder = above.folders.setdefault(name, _Folder())
        if folder.digest is not None:
            raise InputError(
                f"nothing can be added below {path!r}: a finished tree stands there",
                hint="put it beside that tree, or build that tree with it",
            )
        self._known[path] = folder
        return folder


def _hash(folder: _Folder, directories: dict[Digest, bytes]) -> Digest:
    if folder.digest is not None:
        return folder.digest
    encoded = nodes.join_directory(
        [nodes.encode_file(name, *folder.files[name]) for name in sorted(folder.files)],
        [
            nodes.encode_subdirectory(name, _hash(folder.folders[name], directories))
            for name in sorted(folder.folders)
        ],
        [nodes.encode_symlink(name, folder.symlinks[name]) for name in sorted(folder.symlinks)],
    )
    digest = Digest.of(encoded)
    directories[digest] = encoded
    return digest


def _clash(path: str) -> InputError:
    return InputError(f"two different things at {path!r}", hint="give one of them another path")
