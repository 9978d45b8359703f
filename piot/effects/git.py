"""What git knows about a checkout: its root and its files, from git's plumbing or without git at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.effects.host import which
from piot.errors import InputError, MachineError

CONFIG = "putitoutthere.toml"
ALSO = ("Cargo.lock", "rust-toolchain.toml", "rust-toolchain", ".cargo/config.toml", ".cargo/config")
"""Inputs of every cargo build that libraries often keep out of git."""
BESIDE = "Cargo.toml"

_OWN = ("dist/", ".piot/")
_UNWALKED = frozenset((".git", "target", "node_modules", ".venv", "__pycache__"))
_TIED = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"))
_LIST = ("ls-files", "-s", "-t", "-z", "--cached", "--others", "--deleted", "--exclude-standard")
_SUBMODULE = "160000"


def find_root(start: Path) -> Path:
    """The nearest folder at or above ``start`` with a ``putitoutthere.toml``; raises InputError."""
    start = start.absolute()
    for folder in (start, *start.parents):
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
    repository = any((folder / ".git").exists() for folder in (root, *root.parents))
    programs = which("git", environ.get("PATH", os.defpath)) if repository else ()
    known = _listed(root, programs[0], environ) if programs else set[str]()
    if not known:  # a folder that is ignored as a whole is no part of the repository around it
        known = _walked(root)
    known |= _extra(root, known, tuple(also), beside)
    return tuple(sorted(path for path in known if not path.startswith(_OWN)))


def _listed(root: Path, program: Path, environ: Mapping[str, str]) -> set[str]:
    """From records ``H <mode> <object> <stage>\\t<path>`` and ``? <path>``.

    A deleted file has a second record with ``R``; one that is not checked out (sparse) has ``S``.
    """
    argv = (str(program), "-C", str(root), *_LIST)
    env = {name: value for name, value in environ.items() if name not in _TIED} | {"LC_ALL": "C"}
    kept: set[str] = set()
    absent: set[str] = set()
    for record in _output(argv, env, root).split("\0"):
        if record.startswith("? "):
            if not record.endswith("/"):  # a repository of its own
                kept.add(record[2:])
        elif record:
            meta, _, path = record.partition("\t")
            gone = meta[0] in "RS" or meta[2:8] == _SUBMODULE
            (absent if gone else kept).add(path)
    return kept - absent


def _output(argv: tuple[str, ...], env: Mapping[str, str], root: Path) -> str:
    """What a git command writes; starts it without ``subprocess``, whose import costs more than git."""
    code, written = _spawned(argv, env) if hasattr(os, "posix_spawn") else (-1, b"")
    if code != 0:
        from piot.effects.process import run

        done = run(argv, cwd=root, env=env)
        if done.code != 0:
            raise MachineError(
                f"git cannot list the files of {root}:\n{done.complaint}",
                hint="`git status` in that folder must work for piot too",
            )
        written = done.stdout
    return os.fsdecode(written)


def _spawned(argv: tuple[str, ...], env: Mapping[str, str]) -> tuple[int, bytes]:
    into, out = os.pipe()
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, out, 1),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ]
        try:
            child = os.posix_spawn(argv[0], argv, dict(env), file_actions=actions)
        except OSError:
            return -1, b""
        finally:
            os.close(out)
        pieces: list[bytes] = []
        while piece := os.read(into, 1 << 20):
            pieces.append(piece)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), b"".join(pieces)
    finally:
        os.close(into)


def _walked(root: Path) -> set[str]:
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
    return {path for path in wanted if os.path.isfile(prefix + path)}  # noqa: PTH113 - thousands of them
