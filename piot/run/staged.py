"""The inputs of one action by digest, and the input tree that they form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from piot.model.action import MOUNTS
from piot.model.digest import Digest
from piot.model.tree import Tree, TreeBuilder

EXECUTABLE = " executable"
"""Stands behind the digest of an executable input in explanations."""

Placed = tuple[str, str, Digest, bool | None]
"""An input: its name for explanations, its place, its digest, its executable bit (None: a directory)."""

MountTree = tuple[str, Digest, tuple[tuple[str, Digest], ...]]
"""A mount: its name, its digest, and its entries as (folder below the mount, directory)."""

RootOf = Callable[[tuple[Placed, ...], tuple[MountTree, ...]], Digest]
"""From inputs and mounts to the root of their tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The inputs of one action by digest. ``root`` is the input root that the key covers."""

    inputs: tuple[Placed, ...]
    mounts: tuple[MountTree, ...]
    root: Digest

    @classmethod
    def of(
        cls, inputs: Iterable[Placed], mounts: Iterable[MountTree] = (), root_of: RootOf | None = None
    ) -> Staged:
        """Raises InputError when two different things stand at one place.

        ``root_of`` may remember what `tree_of` would give.
        """
        placed, mounted = tuple(inputs), tuple(mounts)
        root = tree_of(placed, mounted).root if root_of is None else root_of(placed, mounted)
        return cls(inputs=placed, mounts=mounted, root=root)

    @property
    def private(self) -> Tree:
        """The input root without the mounts: what a local runner copies."""
        return tree_of(self.inputs, ())

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """Every input by name, for explanations."""
        return (
            *(
                (name, f"{digest}{EXECUTABLE if executable else ''} at {place}")
                for name, place, digest, executable in self.inputs
            ),
            *((f"mount {name}", str(digest)) for name, digest, _ in self.mounts),
        )


def tree_of(inputs: tuple[Placed, ...], mounts: tuple[MountTree, ...]) -> Tree:
    """The input tree; raises InputError when two different things stand at one place."""
    tree = TreeBuilder()
    for _, place, digest, executable in inputs:
        if executable is None:
            tree.add_directory(place, digest)
        else:
            tree.add_file(place, digest, executable)
    for name, digest, _ in mounts:
        tree.add_directory(f"{MOUNTS}/{name}", digest)
    return tree.build()
