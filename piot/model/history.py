"""What git knows of the past: tags, commits, and what changed between two trees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

ChangeKind: TypeAlias = Literal["added", "deleted", "changed", "mode"]

NOTHING = "000000"
"""The mode that git gives to what is not there."""
FILE = "100644"
EXECUTABLE = "100755"
FOLDER = "040000"
SUBMODULE = "160000"
SYMLINK = "120000"
"""Modes of tree entries (gitdatamodel(7))."""
UNREAD = ""
"""Stands for the id of a content that git has not hashed."""


class Tag(NamedTuple):
    """A tag of a commit; ``reachable`` says that the commit is HEAD or in its history."""

    name: str
    commit: str
    reachable: bool = True


class Commit(NamedTuple):
    """``message`` is whole, its subject in the first line; the first parent is the branch merged into."""

    id: str
    parents: tuple[str, ...]
    message: str


class Change(NamedTuple):
    """A file that is not the same in two trees; ids are those of blobs (of a submodule: its commit)."""

    path: str
    before_mode: str
    after_mode: str
    before: str
    after: str

    @property
    def kind(self) -> ChangeKind:
        """``mode`` where the content is the same."""
        if self.before_mode == NOTHING:
            return "added"
        if self.after_mode == NOTHING:
            return "deleted"
        return "changed" if self.before != self.after else "mode"

    @property
    def real(self) -> bool:
        """Whether it is another file than before."""
        return (self.before_mode, self.before) != (self.after_mode, self.after)

    @property
    def gone(self) -> bool:
        """Whether it is not there any more."""
        return self.after_mode == NOTHING


def one_after_the_other(first: Iterable[Change], then: Iterable[Change]) -> tuple[Change, ...]:
    """What both together change, by path: the second begin where the first end, or where nothing changed."""
    found = {change.path: change for change in first}
    for change in then:
        was = found.get(change.path, change)
        found[change.path] = change._replace(before_mode=was.before_mode, before=was.before)
    return tuple(sorted(each for each in found.values() if each.real))


class File(NamedTuple):
    """A file of one tree: what a fingerprint is made of."""

    path: str
    mode: str
    blob: str
