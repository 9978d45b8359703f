"""Revisions of a checkout, as git keeps them: which files differ between two, and what was in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

from piot.effects import plumbing
from piot.effects.blobs import BlobId, of_files
from piot.effects.file_list import OWN
from piot.errors import MachineError
from piot.model.history import NOTHING, SUBMODULE

_RAW = ("--raw", "-z", "--no-renames", "--no-abbrev", "--relative")
_SINCE = ("diff-index", *_RAW)
_OPTIONS = ("-c", "core.quotePath=false", "--no-optional-locks")


Written: TypeAlias = Callable[[], bytes | None]
"""What a command of git wrote, once it is waited for; None when it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Paths below the root that differ: ``there`` are those that the later state has, ``gone`` the others."""

    there: frozenset[str]
    gone: frozenset[str]


class Begun(NamedTuple):
    """What git was asked of a revision, and works on meanwhile: each can be waited for once."""

    commit: Callable[[], str | None]
    since: Written


def begin(root: Path, revision: str, environ: Mapping[str, str]) -> Begun:
    """Asks for the commit that a revision means, and for what the work tree has otherwise."""
    since = plumbing.started(root, (*_OPTIONS, *_SINCE, "--end-of-options", revision), environ)
    return Begun(_commit(root, revision, environ), since)


def commit_of(root: Path, revision: str, environ: Mapping[str, str]) -> str | None:
    """The commit that a revision means (gitrevisions(7)); None for none."""
    return _commit(root, revision, environ)()


def _commit(root: Path, revision: str, environ: Mapping[str, str]) -> Callable[[], str | None]:
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    begun = plumbing.started(root, words, environ)

    def finish() -> str | None:
        written = begun()
        return None if written is None else written.decode("ascii").strip()

    return finish


def between(root: Path, base: str, head: str, environ: Mapping[str, str]) -> Differences:
    """What differs between two commits: content, mode or kind."""
    records = _raw(root, ("diff-tree", "-r", *_RAW, base, head), environ)
    gone = {path for meta, path in records if meta[1] == NOTHING}
    return Differences(there=frozenset(path for _, path in records) - gone, gone=frozenset(gone))


def since(
    root: Path,
    base: str,
    environ: Mapping[str, str],
    untracked: Iterable[str],
    begun: Written | None = None,
) -> Differences:
    """What the work tree has otherwise than a commit; ``untracked`` are new files that count.

    git compares stats, and only the files whose stats differ are read. ``begun`` is the comparison, where
    it was asked for already.
    """
    records = _raw(root, (*_SINCE, base), environ, begun)
    before = {path: f"{meta[0]} {meta[2]}" for meta, path in records}
    doubtful = [path for meta, path in records if meta[1] != NOTHING and not meta[3].strip("0")]
    new = frozenset(untracked)
    now = of_files(
        root, {*doubtful, *(path for path in before if path in new)}, like="".join([*before.values()][:1])
    )
    gone = frozenset(path for meta, path in records if meta[1] == NOTHING) - now.keys()
    same = {path for path, known in now.items() if before.get(path) == known}
    return Differences(there=(frozenset(before) | new) - gone - same, gone=gone)


def tree(root: Path, commit: str, environ: Mapping[str, str]) -> dict[str, BlobId]:
    """The files of a commit below ``root``; nothing of submodules, ``dist/`` and ``.piot/``."""
    from piot.effects.history import History

    history = History(root, environ)
    files = history.files(history.trees((commit,))[commit])
    return {
        each.path: f"{each.mode} {each.blob}"
        for each in files
        if each.mode != SUBMODULE and not each.path.startswith(OWN)
    }


def contents(root: Path, ids: Iterable[BlobId], environ: Mapping[str, str]) -> Iterator[bytes]:
    """The bytes of blobs, in the order asked; one process gives them all (git-cat-file(1), ``--batch``).

    Answers are ``<id> <type> <size>\\n<bytes>\\n``. Raises MachineError for one that git lacks.
    """
    from piot.effects.process import run

    asked = [each.rpartition(" ")[2] for each in ids]
    words = (plumbing.program(environ) or "git", "-C", str(root), "cat-file", "--batch")
    done = run(
        words, cwd=root, env=plumbing.untied(environ), input="".join(f"{each}\n" for each in asked).encode()
    )
    place = 0
    for each in asked:
        end = done.stdout.find(b"\n", place)
        head = done.stdout[place:end].split(b" ")
        if end < 0 or len(head) != 3:
            raise _unreadable(each)
        size = int(head[2])
        yield done.stdout[end + 1 : end + 1 + size]
        place = end + 1 + size + 1


def _raw(
    root: Path, words: tuple[str, ...], environ: Mapping[str, str], begun: Written | None = None
) -> list[tuple[tuple[str, str, str, str], str]]:
    """Old mode, new mode, old id, new id and path of every record (git-diff-tree(1), *Raw output format*)."""
    written = plumbing.output(root, (*_OPTIONS, *words), environ) if begun is None else begun()
    if written is None:
        raise MachineError(
            f"git cannot compare {words[-1]} with the files of {root}",
            hint="`git status` in that folder must work for piot too",
        )
    parts = os.fsdecode(written).split("\0")
    found: list[tuple[tuple[str, str, str, str], str]] = []
    for meta, path in zip(parts[::2], parts[1::2], strict=False):
        old, new, before, after, _ = meta.lstrip(":").split(" ")
        found.append(((old, new, before, after), path))
    return found


def _unreadable(what: str) -> MachineError:
    hint = "in a shallow clone, fetch it: git fetch --unshallow"
    return MachineError(f"git cannot read {what[:12]}", hint=hint)
