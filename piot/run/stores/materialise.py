"""Stored trees and results as files: written by path components, never through a link.

Every folder of a tree is made by this code and links come last, so no name in a tree can lead
anywhere else; the catalogue of attacks is that of vercel/turborepo#12169 and #13051.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from piot.effects import files
from piot.errors import InputError, MachineError, PiotError
from piot.model.digest import Digest
from piot.model.nodes import link_problem, windows_problem
from piot.model.result import ActionResult, OutputDirectory, OutputFile, OutputSymlink
from piot.model.tree import Directory, Tree, decode_directory
from piot.run.stores.capture import tree_of

Output: TypeAlias = OutputFile | OutputDirectory | OutputSymlink


class Source(Protocol):
    """Where the content comes from (`local.LocalStore`); both methods raise its ``Missing``."""

    def directory(self, digest: Digest, /) -> Directory: ...

    def copy_to(
        self, digest: Digest, dest: Path | str, /, *, mode: int, mtime: int | None, checked: bool = False
    ) -> None: ...


class WithTree:
    """A source with the directories of a tree that is not stored."""

    def __init__(self, source: Source, tree: Tree) -> None:
        self._source = source
        self._directories = tree.directories
        self.copy_to = source.copy_to

    def directory(self, digest: Digest) -> Directory:
        known = self._directories.get(digest)
        return self._source.directory(digest) if known is None else decode_directory(known)


def materialise(store: Source, root: Digest, dest: Path, *, mtime: int) -> None:
    """A private, writable copy of a tree in ``dest``, which is absent or an empty folder.

    Every file and folder gets the time ``mtime`` (seconds since 1970), modes are 0644 and 0755.
    Raises Missing, InputError for a tree that leads outside, MachineError.
    """
    write_tree(store, root, dest, mtime=mtime)


def write_tree(
    store: Source,
    root: Digest,
    dest: Path,
    *,
    mtime: int | None,
    frozen: bool = False,
    checked: bool = False,
) -> int:
    """Writes a tree and returns the bytes of its files; ``frozen`` makes all of it read-only."""
    _empty(dest)
    folders: list[str] = []
    links: list[tuple[str, str, str]] = []
    stack = [("", str(dest), root)]
    size = 0
    while stack:
        prefix, folder, digest = stack.pop()
        folders.append(folder)
        directory = store.directory(digest)
        for file in directory.files:
            mode = (0o755 if file.executable else 0o644) & (0o555 if frozen else 0o777)
            store.copy_to(file.digest, _inside(folder, file.name), mode=mode, mtime=mtime, checked=checked)
            size += file.digest.size
        for node in directory.directories:
            below = _inside(folder, node.name)
            files.make_directory(Path(below), fresh=True)
            stack.append((f"{prefix}{node.name}/", below, node.digest))
        links += [(prefix + n.name, _inside(folder, n.name), n.target) for n in directory.symlinks]
    for name, path, target in links:
        _link(name, path, target)
    for folder in reversed(folders):
        files.set_directory(Path(folder), 0o555 if frozen else 0o755, mtime)
    return size


def restore_outputs(
    store: Source, result: ActionResult, dest_for: Callable[[str], Path], *, inside: Path | None = None
) -> tuple[Path, ...]:
    """Writes the outputs of ``result`` where ``dest_for`` says; returns the paths that changed.

    Each is written beside and renamed, and left alone when it already is the same. With ``inside``,
    a link between that folder and an output is refused instead of written through. Everything is
    checked by hash, and Missing is raised when the store has lost a part.
    """
    changed: list[Path] = []
    outputs: tuple[Output, ...] = (*result.files, *result.directories, *result.symlinks)
    for output in outputs:
        dest = dest_for(output.path)
        if inside is not None:
            _no_links(inside, dest)
        if not _is_same(dest, output):
            files.make_directory(dest.parent)
            with files.discarding(files.beside(dest)) as temporary:
                _write(store, output, temporary)
                _swap(temporary, dest)
            changed.append(dest)
    return tuple(changed)


def _write(store: Source, output: Output, dest: Path) -> None:
    if isinstance(output, OutputFile):
        mode = 0o755 if output.executable else 0o644
        store.copy_to(output.digest, dest, mode=mode, mtime=None, checked=True)
    elif isinstance(output, OutputDirectory):
        write_tree(store, output.root, dest, mtime=None, checked=True)
    else:
        _link(output.path, dest, output.target)


def _is_same(dest: Path, output: Output) -> bool:
    found = files.look(dest)
    if found is None:
        return False
    if isinstance(output, OutputFile):
        alike = (found.kind, found.size, found.executable) == ("file", output.digest.size, output.executable)
        return alike and files.hash_file(dest) == output.digest
    if isinstance(output, OutputSymlink):
        return found.kind == "symlink" and found.target == output.target
    try:
        return found.kind == "directory" and tree_of(dest, files.hash_file).root == output.root
    except (PiotError, FileNotFoundError):
        return False


def _swap(temporary: Path, dest: Path) -> None:
    """Puts ``temporary`` in the place of ``dest``; folders cannot be replaced in one step."""
    kinds = [found.kind for path in (temporary, dest) if (found := files.look(path))]
    if len(kinds) < 2 or "directory" not in kinds:
        files.replace(temporary, dest)
        return
    old = files.beside(dest)
    files.replace(dest, old)
    try:
        files.replace(temporary, dest)
    except BaseException:
        files.replace(old, dest)
        raise
    files.remove_tree(old)


def _empty(dest: Path) -> None:
    found = files.look(dest)
    if found is None:
        files.make_directory(dest, fresh=True)
    elif found.kind != "directory" or next(files.scan(dest), None):
        raise MachineError(f"{dest} is not an empty folder", hint="move what stands there out of the way")


def _inside(folder: str, name: str) -> str:
    """As text: joining paths costs as much as writing a small file."""
    problem = windows_problem(name) if sys.platform == "win32" else None
    if problem:
        raise InputError(f"cannot write the file {name!r} in {folder}: it has {problem}")
    return f"{folder}{os.sep}{name}"


def _link(name: str, path: Path | str, target: str) -> None:
    problem = link_problem(name, target)
    if problem:
        raise InputError(f"the link {name!r} -> {target!r} is not written: {problem}")
    files.make_link(path, target)


def _no_links(inside: Path, dest: Path) -> None:
    folder = inside
    for part in dest.relative_to(inside).parts[:-1]:
        folder /= part
        found = files.look(folder)
        if found is not None and found.kind != "directory":
            raise MachineError(
                f"{folder} is not a folder but a {found.kind}: nothing is written through it",
                hint="remove it",
            )
