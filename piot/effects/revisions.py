"""What the files of a checkout were at a revision, and which of them the work tree has otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from piot.effects import plumbing
from piot.effects.blobs import BlobId, of_files
from piot.effects.file_list import OWN
from piot.effects.history import History
from piot.errors import MachineError
from piot.model.history import FILE, NOTHING, SUBMODULE, UNREAD, Change, one_after_the_other

Uncommitted: TypeAlias = Callable[[], tuple[Change, ...]]
"""What differs from HEAD, once it is waited for."""


class Begun(NamedTuple):
    """What git was asked of a revision, and works on meanwhile: each can be waited for once."""

    commit: Callable[[], str | None]
    uncommitted: Uncommitted


def begin(root: Path, revision: str, environ: Mapping[str, str]) -> Begun:
    """Asks for the commit that a revision means, and for what the work tree has otherwise than HEAD."""
    history = History(root, environ)
    uncommitted = history.uncommitted()
    return Begun(history.asked(revision), uncommitted)


def since(
    history: History, base: str, untracked: Iterable[str], begun: Uncommitted | None = None
) -> tuple[Change, ...]:
    """What the work tree has otherwise than a commit; ``untracked`` are new files that count.

    It is what differs between the commit and HEAD, as a plan compares them, and on top of that what is not
    committed: only the files of the latter are read. ``begun`` tells it, where that was asked for already.
    """
    waiting = begun or history.uncommitted()
    committed = history.changes(base, "HEAD")
    beyond = {change.path: change for change in waiting()}
    for path in untracked:
        was = beyond.get(path) or Change(path, NOTHING, NOTHING, UNREAD, UNREAD)
        beyond[path] = was._replace(after_mode=FILE, after=UNREAD)
    return one_after_the_other(committed, _read(history.root, beyond, base))


def _read(root: Path, changes: Mapping[str, Change], like: str) -> Iterator[Change]:
    """With the modes and ids of contents that git has not hashed; a submodule keeps having none."""
    unread = [path for path, each in changes.items() if each.after == UNREAD and not each.gone]
    known = of_files(root, unread, like=like) if unread else {}
    for path, each in changes.items():
        mode, _, blob = known.get(path, "").partition(" ")
        yield each._replace(after_mode=mode, after=blob) if blob else each


def tree(root: Path, commit: str, environ: Mapping[str, str]) -> dict[str, BlobId]:
    """The files of a commit below ``root``; nothing of submodules, ``dist/`` and ``.piot/``."""
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


def _unreadable(what: str) -> MachineError:
    hint = "in a shallow clone, fetch it: git fetch --unshallow"
    return MachineError(f"git cannot read {what[:12]}", hint=hint)
