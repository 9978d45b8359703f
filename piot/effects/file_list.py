"""The files of a checkout: those that git tracks and new ones, or all of them where git keeps none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from piot.effects import plumbing, witness
from piot.errors import MachineError
from piot.model.history import SUBMODULE

ALSO = ("Cargo.lock", "rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Inputs of every cargo build that libraries often keep out of git."""
BESIDE = "Cargo.toml"

OWN = ("dist/", ".piot/")
"""What piot itself writes in a checkout, which is never a source."""
_UNWALKED = frozenset((".git", "target", "node_modules", ".venv", "__pycache__"))
_LIST = ("ls-files", "-s", "-v", "-z", "--cached", "--others", "--deleted", "--exclude-standard")


class FileList(NamedTuple):
    """Paths relative to the root with ``/``, sorted.

    ``untracked`` are those of ``paths`` that git does not track, and ``looked_for`` the ignored ones that
    count, or would if they were there. ``places`` are all that git named, files or not; None
    where git keeps nothing. ``hidden`` says that git was told not to look at some of them.
    """

    paths: tuple[str, ...]
    untracked: tuple[str, ...]
    looked_for: tuple[str, ...]
    places: frozenset[str] | None
    hidden: bool


def list_files(
    root: Path,
    *,
    also: Iterable[str] = ALSO,
    beside: str = BESIDE,
    environ: Mapping[str, str] = os.environ,
) -> FileList:
    """The files of the checkout that exist.

    Tracked ones and untracked ones that git does not ignore; nothing of nested repositories,
    submodules, and the root's ``dist/`` and ``.piot/``. Ignored files count too when ``also`` names
    them, in the root and in every folder that has a file ``beside``. Where git keeps nothing or is
    not installed, all files are walked except those of ``.git target node_modules .venv __pycache__``.
    Links are listed and not followed. Raises MachineError when git refuses.
    """
    in_git = plumbing.repository(root) and plumbing.program(environ)
    kept, new, absent, hidden = _listed(root, environ) if in_git else _NOTHING
    known = (kept | new) - absent
    places = frozenset(kept | new | absent) if known else None
    if not known:  # a folder that is ignored as a whole is no part of the repository around it
        known = _walked(root)
    wanted = _wanted(known, tuple(also), beside)
    extra = present(root, wanted)
    return FileList(_own(known | extra), _own(new | extra), tuple(sorted(wanted)), places, hidden)


def present(root: Path, paths: Iterable[str]) -> set[str]:
    """Those of ``paths`` that are files."""
    prefix = f"{root}{os.sep}"
    for path in paths:
        witness.saw(prefix + path)
    return {path for path in paths if os.path.isfile(prefix + path)}  # noqa: PTH113 - thousands of them


def _own(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(path for path in paths if not path.startswith(OWN)))


_Listed: TypeAlias = tuple[set[str], set[str], set[str], bool]
_NOTHING: _Listed = (set(), set(), set(), False)


def _listed(root: Path, environ: Mapping[str, str]) -> _Listed:
    """Tracked, new and absent ones, from records ``H <mode> <object> <stage>\\t<path>`` and ``? <path>``.

    A deleted file has a second record with ``R``; one that is not checked out (sparse) has ``S``. Small
    letters stand for files that git assumes to be unchanged.
    """
    written = plumbing.output(root, _LIST, environ)
    if written is None:
        raise plumbing.complaint(root, _LIST, environ)
    kept: set[str] = set()
    new: set[str] = set()
    absent: set[str] = set()
    hidden = False
    for record in os.fsdecode(written).split("\0"):
        if record.startswith("? "):
            if not record.endswith("/"):  # a repository of its own
                new.add(record[2:])
        elif record:
            meta, _, path = record.partition("\t")
            hidden = hidden or meta[0] == "S" or meta[0].islower()
            gone = meta[0] in "RSrs" or meta[2:8] == SUBMODULE
            (absent if gone else kept).add(path)
    return kept, new, absent, hidden


def _walked(root: Path) -> set[str]:
    witness.doubt(str(root))  # nobody watches these files
    found: set[str] = set()
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(root / folder) as children:
                for child in children:
                    path = folder + child.name
                    if not child.is_dir(follow_symlinks=False):
                        found.add(path)
                    elif child.name not in _UNWALKED and not os.path.lexists(f"{child.path}/.git"):
                        folders.append(f"{path}/")
        except OSError as error:
            raise MachineError(f"cannot read the folder {root / folder}: {error.strerror}") from error
    return found


def _wanted(known: Iterable[str], also: tuple[str, ...], beside: str) -> set[str]:
    folders = {path.removesuffix(beside) for path in known if path == beside or path.endswith(f"/{beside}")}
    return {folder + name for folder in (folders | {""}) for name in also}.difference(known)
