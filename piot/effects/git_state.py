"""The state of a git repository: HEAD, what differs from it, tags, remotes, and who makes tags."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.effects import plumbing
from piot.effects.http import without_secrets

_REMOTE = "remote."


@dataclass(frozen=True, slots=True, kw_only=True)
class GitState:
    """``commit`` and ``branch`` are empty where there is none.

    ``tags`` are those reachable from HEAD, ``all_tags`` every one; ``dirty`` are paths relative to the root
    of the repository; ``identity`` is ``Name <mail>``; ``remotes`` are (name, address without secrets).
    """

    version: str
    root: str
    commit: str
    branch: str
    shallow: bool
    tags: tuple[str, ...]
    all_tags: tuple[str, ...]
    dirty: tuple[str, ...]
    identity: str
    remotes: tuple[tuple[str, str], ...]


def state(folder: Path, environ: Mapping[str, str]) -> GitState | None:
    """The repository that ``folder`` lies in; None when it lies in none, or git is not installed."""

    def said(*words: str) -> str:
        return os.fsdecode(plumbing.output(folder, words, environ) or b"").strip()

    root = said("rev-parse", "--show-toplevel")
    if not root:
        return None
    return GitState(
        version=said("version").removeprefix("git version "),
        root=root,
        commit=said("rev-parse", "--verify", "--quiet", "HEAD"),
        branch=said("symbolic-ref", "--quiet", "--short", "HEAD"),
        shallow=said("rev-parse", "--is-shallow-repository") == "true",
        tags=tuple(said("tag", "--list", "--merged", "HEAD").split()),
        all_tags=tuple(said("tag", "--list").split()),
        dirty=dirty(folder, environ),
        identity="".join(said("var", "GIT_COMMITTER_IDENT").rpartition(">")[:2]),
        remotes=_remotes(said("config", "--get-regexp", r"^remote\..*\.url$")),
    )


def dirty(folder: Path, environ: Mapping[str, str], paths: Iterable[str] = ()) -> tuple[str, ...]:
    """The files that differ from HEAD, those that git does not know among them; of ``paths`` if given.

    Paths are relative to the root of the repository, but ``paths`` to ``folder``.
    """
    options = ("--porcelain", "-z", "--no-renames")
    words = ("--no-optional-locks", "--literal-pathspecs", "status", *options, "--", *paths)
    written = plumbing.output(folder, words, environ) or b""
    return tuple(os.fsdecode(entry[3:]) for entry in written.split(b"\0") if entry)


def _remotes(lines: str) -> tuple[tuple[str, str], ...]:
    pairs = (line.partition(" ") for line in lines.splitlines())
    return tuple((key.removeprefix(_REMOTE).removesuffix(".url"), shown(url)) for key, _, url in pairs)


def shown(address: str) -> str:
    """A remote's address without secrets; ``git@host:path`` has room for none."""
    return without_secrets(address) if "://" in address else address
