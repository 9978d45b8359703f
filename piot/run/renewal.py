"""An exec root that stays, brought up to date in place: what has not changed keeps its time.

Tools such as cargo tell by the times of files what they have to do again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from piot.effects import files
from piot.effects.stats import Signature, signatures
from piot.model.action import CommandAction
from piot.model.digest import Digest
from piot.model.tree import Tree, decode_directory
from piot.run import sandbox
from piot.run.stores.local import LocalStore

Noted = Mapping[str, tuple[str, bool, Signature]]
"""Files by path as they stood when they were written: digest, executable bit, stat signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What stands in an exec root when a command begins, by path.

    ``files`` have digest and executable bit, ``links`` their targets.
    """

    files: Mapping[str, tuple[Digest, bool]]
    links: Mapping[str, str]
    folders: Set[str]


def layout(store: LocalStore, action: CommandAction, inputs: Tree) -> Layout:
    """The inputs, links to the programs of ``action``, and the folders of its outputs; raises Missing."""
    found: dict[str, tuple[Digest, bool]] = {}
    links = {f"{sandbox.PROGRAMS}/{name}": str(place) for name, place in sandbox.tools(action).items()}
    folders = {sandbox.PROGRAMS, *(output.path.rpartition("/")[0] for output in action.outputs)}
    stack = [("", inputs.root)]
    while stack:
        prefix, digest = stack.pop()
        encoded = inputs.directories.get(digest)
        directory = store.directory(digest) if encoded is None else decode_directory(encoded)
        folders.add(prefix.rstrip("/"))
        found |= {f"{prefix}{file.name}": (file.digest, file.executable) for file in directory.files}
        links |= {f"{prefix}{link.name}": link.target for link in directory.symlinks}
        stack += [(f"{prefix}{below.name}/", below.digest) for below in directory.directories]
    folders |= {above for folder in folders for above in _above(folder)}
    return Layout(files=found, links=links, folders=folders)


def renew(store: LocalStore, root: Path, wanted: Layout, noted: Noted, *, keeps: Sequence[str]) -> Noted:
    """Makes ``root`` hold just what is ``wanted``, and what stands at the paths ``keeps``.

    A file counts as unchanged when it is as ``noted``, by its signature too; others are written anew.
    When this fails half-way, doing it again with the same ``noted`` mends it. Raises Missing.
    """
    kept = _cleared(root, wanted, noted, frozenset(keeps))
    for folder in sorted(wanted.folders):
        files.make_directory(root / folder)
    for path, (digest, executable) in wanted.files.items():
        if path not in kept:
            store.copy_to(digest, root / path, mode=0o755 if executable else 0o644, mtime=None)
    for path, target in wanted.links.items():
        if path not in kept:
            files.make_link(root / path, target)
    return _note(root, wanted)


def differences(wanted: Layout, noted: Noted) -> tuple[set[str], set[str]]:
    """The files that are not as ``noted`` or were not there, and those that are gone."""
    there = {path for path, found in wanted.files.items() if _told(found) != noted.get(path, ())[:2]}
    return there, set(noted.keys() - wanted.files.keys())


def again(root: Path, noted: Noted, paths: Iterable[str]) -> Noted:
    """``paths``, whose content may have changed, as they stand now: so they count as unchanged."""
    seen = signatures(root, paths).items()
    return {path: (*noted[path][:2], found) for path, found in seen if found}


def _note(root: Path, wanted: Layout) -> Noted:
    seen = signatures(root, wanted.files).items()
    return {path: (*_told(wanted.files[path]), found) for path, found in seen if found}


def _told(found: tuple[Digest, bool]) -> tuple[str, bool]:
    return str(found[0]), found[1]


def _cleared(root: Path, wanted: Layout, noted: Noted, keeps: frozenset[str]) -> set[str]:
    """Removes what is not as it should be; gives the files and links that stay."""
    same = {path for path, found in _note(root, wanted).items() if noted.get(path) == found}
    kept: set[str] = set()
    for entry in files.scan(root, leaving=keeps):
        folder = entry.kind == "directory" and (entry.path in wanted.folders or _holds(entry.path, keeps))
        link = entry.kind == "symlink" and wanted.links.get(entry.path) == entry.target
        if link or entry.path in same:
            kept.add(entry.path)
        elif not folder:
            files.remove_tree(root / entry.path)
    return kept


def _holds(folder: str, paths: Iterable[str]) -> bool:
    return any(path.startswith(f"{folder}/") for path in paths)


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first; the last is the root, which is empty."""
    while path:
        path = path.rpartition("/")[0]
        yield path
