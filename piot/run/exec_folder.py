"""Where actions run: in a folder that nobody's settings lie above.

cargo reads ``.cargo/config.toml`` in every folder above the one it runs in (The Cargo Book, *Configuration*,
"Hierarchical structure"), whatever CARGO_HOME says, and looks for a repository the same way. The store
usually lies below the user's home, and so below ``~/.cargo``. Node.js looks for modules in every folder
above, and for the package.json that says what a file is (Node.js docs, *Modules*).
"""

from __future__ import annotations

from pathlib import Path

from piot.effects import files
from piot.errors import MachineError
from piot.run import mounts
from piot.run.stores.local import LocalStore

AMBIENT = (".cargo/config.toml", ".cargo/config", ".git", "node_modules", "package.json")


def fresh(store: LocalStore, *, level: str, keep: bool) -> Path:
    """A new folder's name: in the store, or, where something is seen from there, in a place of ours outside.

    In bubblewrap nothing above is visible, and without a sandbox everything may be. What is not to be kept
    is swept up with the store when a run was killed. Raises MachineError when there is no such place.
    """
    own = store.root / "exec" / files.unique() if keep else store.temporary()
    way_out = "point PIOT_CACHE_DIR at a folder that it does not lie above"
    return private(own, mounts.OUTSIDE / files.unique(), level=level, way_out=way_out)


def private(own: Path, outside: Path, *, level: str, way_out: str) -> Path:
    """``own``, or ``outside`` (below `mounts.OUTSIDE`) where something is seen from ``own``.

    Raises MachineError when that cannot be used either, with ``way_out`` as what else can be done.
    """
    seen = None if level == "bwrap" else ambient(own)
    if seen is None:
        return own
    if ambient(mounts.OUTSIDE) is None and mounts.ours(mounts.OUTSIDE):
        return outside
    if level == "none":
        return own
    raise MachineError(
        f"{seen} would be read by every build, also where it is not declared",
        hint=f"use --sandbox bwrap, or {way_out}",
    )


def ambient(folder: Path) -> Path | None:
    """The nearest file above ``folder`` that tools read without being told."""
    places = (above / name for above in folder.parents for name in AMBIENT)
    return next((place for place in places if files.look(place) is not None), None)
