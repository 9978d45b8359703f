"""Read-only trees at absolute paths that depend on their content alone.

cargo hashes the absolute paths of registry sources into its fingerprints, so a dependency layer
fits a later action only where the vendored source has the same path: in every checkout, cache
folder and machine. Hence one folder per content under a fixed place.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from piot.effects import files
from piot.model.digest import Digest
from piot.run.stores.local import LocalStore

if sys.platform == "win32":
    PLACE, OUTSIDE = Path("C:/piot-mnt"), Path("C:/piot-exec")
else:
    PLACE, OUTSIDE = Path("/tmp/piot-mnt"), Path(f"/var/tmp/piot-exec-{os.getuid()}")
"""``OUTSIDE`` is where actions may run that cannot run in the store (`exec_folder`), on a disk."""


class Mounted:
    """A mount as it stands on this machine: ``path`` is its stable place, ``binds`` what shows there."""

    __slots__ = ("binds", "name", "path")

    def __init__(self, name: str, path: Path, binds: tuple[tuple[str, Path], ...]) -> None:
        self.name = name
        self.path = path
        self.binds = binds


def stable(store: LocalStore, name: str, digest: Digest, entries: tuple[tuple[str, Digest], ...]) -> Mounted:
    """The unpacked trees of ``entries``; nothing is put at the stable place yet (bubblewrap binds there)."""
    binds = tuple((folder, store.tree_path(tree)) for folder, tree in entries)
    return Mounted(name, _place(store) / digest.hash[:32], binds)


def show(mounted: Mounted) -> None:
    """Links the trees at the stable place, for levels without a mount namespace.

    A link that stands is kept, also one into another store: what it leads to has the same content. Only
    dangling ones are replaced, each in one step, for other processes may use the rest.
    """
    if files.look(mounted.path) is None:
        with files.discarding(files.beside(mounted.path)) as temporary:
            _build(mounted, temporary)
            if files.move_new(temporary, mounted.path):
                return
            files.remove_tree(temporary)
    for folder, tree in mounted.binds:
        place = mounted.path / folder
        if not place.is_dir():
            with files.discarding(files.beside(place)) as temporary:
                files.make_link(temporary, str(tree))
                if sys.platform == "win32":  # where a folder is never replaced, a dangling junction neither
                    files.remove_tree(place)
                files.replace(temporary, place)


def _build(mounted: Mounted, place: Path) -> None:
    """One link, or a folder of links; an empty folder when there is nothing to show."""
    if mounted.binds and not mounted.binds[0][0]:
        files.make_directory(place.parent)
        files.make_link(place, str(mounted.binds[0][1]))
        return
    files.make_directory(place, fresh=True)
    for folder, tree in mounted.binds:
        files.make_directory((place / folder).parent)
        files.make_link(place / folder, str(tree))


def _place(store: LocalStore) -> Path:
    """``PLACE`` when it is ours alone, else a folder of the store: slower then, never unsafe."""
    return PLACE if ours(PLACE) else store.root / "mnt"


def ours(place: Path) -> bool:
    """Whether nobody else can write to the folder; it is made when missing."""
    try:
        os.makedirs(place, mode=0o700, exist_ok=True)  # noqa: PTH103 - mode of the last folder only
        found = os.lstat(place)
    except OSError:
        return False
    mine = sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return stat.S_ISDIR(found.st_mode) and mine
