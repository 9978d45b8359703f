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

PLACE = Path("/tmp/piot-mnt") if sys.platform != "win32" else Path("C:/piot-mnt")


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
    """Links the trees at the stable place, for levels without a mount namespace; links into another store are kept while they hold."""
    if all(_stands(mounted.path / folder) for folder, _ in mounted.binds):
        return
    files.remove_tree(mounted.path)
    temporary = files.beside(mounted.path)
    with files.discarding(temporary):
        if mounted.binds[0][0]:
            files.make_directory(temporary, fresh=True)
            for folder, tree in mounted.binds:
                files.make_link(temporary / folder, str(tree))
        else:
            files.make_link(temporary, str(mounted.binds[0][1]))
        if not files.move_new(temporary, mounted.path):
            files.remove_tree(temporary)


def _stands(path: Path) -> bool:
    return path.is_dir()


def _place(store: LocalStore) -> Path:
    """``PLACE`` when it is ours alone, else a folder of the store: slower then, never unsafe."""
    try:
        os.makedirs(PLACE, mode=0o700, exist_ok=True)  # noqa: PTH103 - mode of the last folder only
        found = os.lstat(PLACE)
    except OSError:
        return store.root / "mnt"
    mine = sys.platform == "win32" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return PLACE if stat.S_ISDIR(found.st_mode) and mine else store.root / "mnt"
