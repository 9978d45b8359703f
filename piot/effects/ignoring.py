"""What decides which files git lists: its index, its settings, and files of patterns (gitignore(5))."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.effects import plumbing
from piot.errors import MachineError

PLACES = ("rev-parse", "--git-path", "index", "--git-path", "info/exclude", "--show-toplevel")
SETTINGS = ("config", "--list", "-z")
FILE = ".gitignore"
_HEEDED = ("core.bare", "core.excludesfile", "core.ignorecase", "core.precomposeunicode", "core.worktree")
"""Others do not matter, and may hold credentials."""
_VARIABLES = ("HOME", "XDG_CONFIG_HOME", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")


def settings(written: bytes | None, environ: Mapping[str, str]) -> dict[str, str] | None:
    """Those that matter of what ``git config`` wrote, each the last of its name; None when it failed."""
    if written is None:
        return None
    entries = (entry.partition("\n") for entry in os.fsdecode(written).split("\0"))
    found = {name: value for name, _, value in entries if name in _HEEDED}
    return found | {name: environ[name] for name in _VARIABLES if name in environ}


def files(root: Path, environ: Mapping[str, str], heeded: Mapping[str, str]) -> tuple[str, ...] | None:
    """The index and the files of patterns outside of ``root``, absolute; None when that cannot be told."""
    written = plumbing.output(root, PLACES, environ)
    named = heeded.get("core.excludesfile", "")
    if written is None or named.startswith("%"):
        return None
    index, exclude, top = os.fsdecode(written).splitlines()
    above = [folder for folder in root.resolve().parents if folder.is_relative_to(top)]
    return (
        os.path.join(root, index),  # noqa: PTH118 - it may be absolute
        os.path.join(root, exclude),  # noqa: PTH118
        _user_patterns(named, environ),
        *(str(folder / FILE) for folder in above),
    )


def _user_patterns(named: str, environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if named:
        return home + named[1:] if named.startswith("~/") else named
    return f"{environ.get('XDG_CONFIG_HOME') or f'{home}/.config'}/git/ignore"


def ignored(root: Path, folders: Iterable[str], environ: Mapping[str, str]) -> set[str]:
    """Those folders of which git lists nothing; raises MachineError when it does not answer."""
    from piot.effects.process import run

    asked = "".join(f"{folder}\0" for folder in folders)  # with a / at the end patterns inside would match
    if not asked:
        return set()
    argv = (plumbing.program(environ) or "git", "-C", str(root), "check-ignore", "-z", "--stdin")
    done = run(argv, cwd=root, env=plumbing.untied(environ), input=os.fsencode(asked))
    if done.code > 1:
        raise MachineError(f"git cannot tell what it ignores in {root}:\n{done.complaint}")
    return {path for path in os.fsdecode(done.stdout).split("\0") if path}
