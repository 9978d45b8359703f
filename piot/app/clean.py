"""``piot clean``: removes what piot made in a checkout, and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from piot.app.building.placed import MANIFEST
from piot.app.session.where import Where
from piot.effects import files
from piot.effects.git import find_root
from piot.run import standing

OWN = (MANIFEST, ".gitignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What was removed (folders, and files of a ``dist/`` that stays) and what was kept, below the root."""

    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def clean(where: Where) -> Cleaned:
    """Removes ``.piot/`` and the results in ``dist/``; the configuration need not be valid."""
    root = find_root(where.directory)
    state = root / ".piot"
    removed = (".piot/",) if files.look(state) else ()
    dist = _clean_dist(root / "dist")
    files.remove_tree(state)
    files.remove_tree(standing.outside(state / standing.NAME))
    return Cleaned(removed=(*dist.removed, *removed), kept=dist.kept)


def _clean_dist(dist: Path) -> Cleaned:
    """Only what stands there itself is removed: a manifest cannot point to anything outside."""
    found = files.look(dist)
    if found is None:
        return Cleaned()
    if found.kind != "directory" or files.look(dist / MANIFEST) is None:
        return Cleaned(kept=("dist/",))
    made = _made(dist)
    entries = [entry for entry in files.scan(dist) if entry.path not in OWN]
    mine = [entry.path for entry in entries if entry.path in made and entry.kind != "directory"]
    kept = [entry.path for entry in entries if entry.path not in made and entry.kind != "directory"]
    if not kept:
        files.remove_tree(dist)
        return Cleaned(removed=("dist/",))
    for path in mine:
        files.remove_file(dist / path)
    files.write_atomic(dist / MANIFEST, json.dumps({"schema": 1, "files": {}}, indent=1).encode() + b"\n")
    return Cleaned(
        removed=tuple(f"dist/{path}" for path in mine), kept=tuple(f"dist/{path}" for path in kept)
    )


def _made(dist: Path) -> frozenset[str]:
    """The files that the manifest names; none when it is damaged."""
    try:
        return frozenset(json.loads(files.read_file(dist / MANIFEST))["files"])
    except (ValueError, KeyError, TypeError):
        return frozenset()
