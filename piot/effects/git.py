"""What git knows about a checkout: its root and its files, from git's plumbing or without git at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from piot.effects import plumbing, witness
from piot.errors import InputError, MachineError

CONFIG = "putitoutthere.toml"
ALSO = ("Cargo.lock", "rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Inputs of every cargo build that libraries often keep out of git."""
BESIDE = "Cargo.toml"

OWN = ("dist/", ".piot/")
"""What piot itself writes in a checkout, which is never a source."""
_UNWALKED = frozenset((".git", "target", "node_modules", ".venv", "__pycache__"))
_LIST = ("ls-files", "-s", "-t", "-z", "--cached", "--others", "--deleted", "--exclude-standard")
_SUBMODULE = "160000"
_TAGS = ("tag", "--list", "--merged", "HEAD")


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` with a ``putitoutthere.toml``; raises InputError."""
    start = start.absolute()
    for folder in (start, *start.parents):
        witness.saw(folder / CONFIG)
        if (folder / CONFIG).is_file():
            return folder
    raise InputError(
        f"no {CONFIG} in {start} or in any folder above it",
        hint="name the repository with -C DIR, or write the file with `piot init`",
    )


def list_files(
    root: Path,
    *,
    also: Iterable[str] = ALSO,
    beside: str = BESIDE,
    environ: Mapping[str, str] = os.environ,
) -> tuple[str, ...]:
    """The files of the checkout that exist, relative to ``root`` with ``/``, sorted.

    Tracked ones and untracked ones that git does not ignore; nothing of nested repositories,
    submodules, and the root's ``dist/`` and ``.piot/``. Ignored files count too when ``also`` names
    them, in the root and in every folder that has a file ``beside``. Where git keeps nothing or is
    not installed, all files are walked except those of ``.git target node_modules .venv __pycache__``.
    Links are listed and not followed. Raises MachineError when git refuses.
    """
    known = _listed(root, environ) if plumbing.repository(root) and plumbing.program(environ) else set[str]()
    if not known:  # a folder that is ignored as a whole is no part of the repository around it
        known = _walked(root)
    known |= _extra(root, known, tuple(also), beside)
    return tuple(sorted(path for path in known if not path.startswith(OWN)))


def reachable_tags(root: Path, environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The tags of HEAD and of the commits before it; none where git keeps nothing or is not installed."""
    place = plumbing.repository(root)
    if place is None:
        return ()
    _witness_tags(place)
    written = plumbing.output(root, _TAGS, environ)
    return tuple(os.fsdecode(written or b"").split())


def _witness_tags(place: Path) -> None:
    """What changes whenever a tag is made or HEAD moves (gitrepository-layout(5))."""
    if not place.is_dir():  # a work tree, whose tags are kept elsewhere
        witness.doubt(str(place))
        return
    for name in ("HEAD", "packed-refs", "logs/HEAD"):
        witness.saw(place / name)
    with suppress(OSError):
        branch = (place / "HEAD").read_text(encoding="utf-8").removeprefix("ref: ").strip()
        witness.saw(place / branch)
    for folder, _, _ in os.walk(place / "refs" / "tags"):
        witness.listed(folder)


def _listed(root: Path, environ: Mapping[str, str]) -> set[str]:
    """From records ``H <mode> <object> <stage>\\t<path>`` and ``? <path>``.

    A deleted file has a second record with ``R``; one that is not checked out (sparse) has ``S``.
    """
    written = plumbing.output(root, _LIST, environ)
    if written is None:
        raise plumbing.complaint(root, _LIST, environ)
    kept: set[str] = set()
    absent: set[str] = set()
    for record in os.fsdecode(written).split("\0"):
        if record.startswith("? "):
            if not record.endswith("/"):  # a repository of its own
                kept.add(record[2:])
        elif record:
            meta, _, path = record.partition("\t")
            gone = meta[0] in "RS" or meta[2:8] == _SUBMODULE
            (absent if gone else kept).add(path)
    return kept - absent


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


def _extra(root: Path, known: set[str], also: tuple[str, ...], beside: str) -> set[str]:
    folders = {path.removesuffix(beside) for path in known if path == beside or path.endswith(f"/{beside}")}
    wanted = {folder + name for folder in (folders | {""}) for name in also} - known
    prefix = f"{root}{os.sep}"
    for path in wanted:
        witness.saw(prefix + path)
    return {path for path in wanted if os.path.isfile(prefix + path)}  # noqa: PTH113 - thousands of them
