"""What a run looked at on this machine, noted where it looks: at the doors of this package.

A later run in which every one of these places is as it was would find what this one found.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager

from piot.effects.clock import GRANULARITY_NS, now_ns

Fact = tuple[object, ...] | None
"""None for what is not there; of a folder what it is, of anything else its whole stat too."""


class Witness:
    """Places by path with what they were when they were first looked at, but those below ``ignored``.

    A folder whose names were read stands with a ``/`` at its end. ``doubts`` tells of things that cannot be
    relied on: places that were just changed, and what no file tells.
    """

    def __init__(self) -> None:
        self.facts: dict[str, Fact] = {}
        self.doubts: set[str] = set()
        self._ignored: tuple[str, ...] = ()

    def ignore(self, folders: Iterable[str | os.PathLike[str]]) -> None:
        """Forgets what is below these folders, and notes nothing of them any more."""
        self._ignored += tuple(f"{os.fspath(folder).rstrip('/')}/" for folder in folders)
        for key in [key for key in (*self.facts, *self.doubts) if self._ignores(key)]:
            self.facts.pop(key, None)
            self.doubts.discard(key)

    def note(self, key: str) -> None:
        """Looks at a place, unless it is known or ignored."""
        if key in self.facts or self._ignores(key):
            return
        self.facts[key], newest = _look(key)
        if newest > now_ns() - GRANULARITY_NS:
            self.doubts.add(key)

    def _ignores(self, key: str) -> bool:
        return f"{key}/".startswith(self._ignored)


_listening: list[Witness] = []


@contextmanager
def watching(witness: Witness) -> Generator[None, None, None]:
    """Everything that is looked at in this process until the end of the block is noted by ``witness``."""
    _listening.append(witness)
    try:
        yield
    finally:
        _listening.remove(witness)


@contextmanager
def resting() -> Generator[None, None, None]:
    """Nothing that is looked at in the block is noted: for what a run does to files that it made."""
    held = _listening[:]
    _listening.clear()
    try:
        yield
    finally:
        _listening[:] = held


def watched() -> bool:
    """Whether anybody notes what is looked at, for doors that many files go through."""
    return bool(_listening)


def saw(path: str | os.PathLike[str]) -> None:
    """For the doors: somebody asks what stands at ``path``."""
    for witness in _listening:
        witness.note(os.path.abspath(path))  # noqa: PTH100 - links are kept


def listed(folder: str | os.PathLike[str]) -> None:
    """For the doors: somebody asks for the names in a folder."""
    for witness in _listening:
        witness.note(f"{os.path.abspath(folder).rstrip('/')}/")  # noqa: PTH100


def removed(folder: str | os.PathLike[str]) -> None:
    """For the door of temporary folders: this one, made a moment ago, says nothing of the machine."""
    for witness in _listening:
        witness.ignore((folder,))


def doubt(what: str) -> None:
    """For who finds out something that no file tells, such as what a script does."""
    for witness in _listening:
        witness.doubts.add(what)


def holds(facts: Mapping[str, Fact]) -> bool:
    """Whether every place is what it was."""
    return all(_look(key)[0] == fact for key, fact in facts.items())


def _look(key: str) -> tuple[Fact, int]:
    """A fact, and the latest time stamp that it rests on."""
    try:
        own = os.lstat(key)
        if not stat.S_ISLNK(own.st_mode):
            return _fact(own, whole=key.endswith("/"))
        fact, newest = _fact(os.stat(key), whole=key.endswith("/"))  # noqa: PTH116
        return (*(fact or ()), os.path.realpath(key)), max(newest, own.st_ctime_ns)
    except OSError:
        return None, 0


def _fact(s: os.stat_result, *, whole: bool) -> tuple[Fact, int]:
    """Of a folder time and size change with every file in it, which matters when its names were read."""
    if stat.S_ISDIR(s.st_mode) and not whole:
        return (s.st_ino, s.st_dev, s.st_mode), 0
    fact = (s.st_ino, s.st_dev, s.st_mode, s.st_mtime_ns, s.st_ctime_ns, s.st_size)
    return fact, max(s.st_mtime_ns, s.st_ctime_ns)
