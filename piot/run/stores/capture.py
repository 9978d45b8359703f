"""Declared outputs into the store: what was promised must be there, and nothing else is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from piot.effects import files
from piot.errors import ActionFailed, listed
from piot.model.digest import Digest
from piot.model.nodes import check_path, link_problem
from piot.model.reapi import encode_tree
from piot.model.result import ActionResult, OutputDirectory, OutputFile, OutputSymlink
from piot.model.tree import Tree, TreeBuilder


class Sink(Protocol):
    """Where content goes to (`local.LocalStore`)."""

    def put_bytes(self, data: bytes, /) -> Digest: ...

    def put_file(self, path: Path, /, *, follow: bool = True) -> Digest: ...

    def put_tree(self, tree: Tree, /) -> None: ...


class OutputsWrong(ActionFailed):
    """The action ended well but its outputs are not what it declares."""


def capture(store: Sink, root: Path, outputs: Sequence[str]) -> ActionResult:
    """Stores the declared ``outputs`` (posix, relative to ``root``) as an ActionResult without logs.

    A file of no bytes is an output like any other. Links may only point inside their output, devices and
    sockets are refused. Raises OutputsWrong naming all paths at once.
    """
    found = {path: _find(root, check_path(path)) for path in sorted(set(outputs))}
    _refuse_missing(found)
    taken: list[OutputFile] = []
    directories: list[OutputDirectory] = []
    symlinks: list[OutputSymlink] = []
    for path, entry in found.items():
        if entry is None or entry.kind == "special":
            raise _special(path)
        if entry.kind == "file":
            digest = store.put_file(root / path, follow=False)
            taken.append(OutputFile(path=path, digest=digest, executable=entry.executable))
        elif entry.kind == "symlink":
            _check_link(path, path, entry.target)
            symlinks.append(OutputSymlink(path=path, target=entry.target))
        else:
            directories.append(_directory(store, root / path, path))
    return ActionResult(files=tuple(taken), directories=tuple(directories), symlinks=tuple(symlinks))


def tree_of(directory: Path, add: Callable[[Path], Digest]) -> Tree:
    """The Merkle tree of a folder, empty folders included; ``add`` hashes or stores each file.

    Raises OutputsWrong for devices, sockets and links that lead out of it.
    """
    builder = TreeBuilder()
    for entry in files.scan(directory):
        if entry.kind == "file":
            builder.add_file(entry.path, add(directory / entry.path), entry.executable)
        elif entry.kind == "directory":
            builder.add_empty(entry.path)
        elif entry.kind == "symlink":
            _check_link(f"{directory.name}/{entry.path}", entry.path, entry.target)
            builder.add_symlink(entry.path, entry.target)
        else:
            raise _special(f"{directory.name}/{entry.path}")
    return builder.build()


def _directory(store: Sink, folder: Path, path: str) -> OutputDirectory:
    tree = tree_of(folder, lambda file: store.put_file(file, follow=False))
    store.put_tree(tree)
    return OutputDirectory(path=path, root=tree.root, tree=store.put_bytes(encode_tree(tree)))


def _find(root: Path, path: str) -> files.Entry | None:
    """What stands at ``path``, or None; a link in the middle of the path is not followed."""
    at = root
    *above, _ = path.split("/")
    for part in above:
        at /= part
        entry = files.look(at)
        if entry is None or entry.kind != "directory":
            return None
    return files.look(root / path)


def _refuse_missing(found: dict[str, files.Entry | None]) -> None:
    missing = [path for path, entry in found.items() if entry is None]
    if missing:
        raise OutputsWrong(
            f"the action did not make what it declares: {listed(missing)}",
            hint="outputs are paths below the folder it runs in; --keep-sandbox shows what it made",
        )


def _check_link(shown: str, path: str, target: str) -> None:
    problem = link_problem(path, target)
    if problem:
        raise OutputsWrong(f"the output {shown!r} is a link to {target!r}: {problem}")


def _special(path: str) -> OutputsWrong:
    return OutputsWrong(f"the output {path!r} is neither a file, a folder nor a link")
