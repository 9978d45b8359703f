"""What git knows of the past: tags, commits, and what changed between two trees."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

ChangeKind: TypeAlias = Literal["added", "deleted", "changed", "mode"]

NOTHING = "000000"
"""The mode that git gives to what is not there."""
FOLDER = "040000"
SUBMODULE = "160000"
"""Modes of tree entries (gitdatamodel(7)); those of files are 100644 and 100755."""


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


class File(NamedTuple):
    """A file of one tree: what a fingerprint is made of."""

    path: str
    mode: str
    blob: str
