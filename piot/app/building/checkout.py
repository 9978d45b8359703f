"""What tells one state of a checkout from another: git's index, and what files hold that differ from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from piot.app.session.source_list import SourceList
from piot.effects import clock, worktree
from piot.effects.file_list import OWN
from piot.effects.stats import Signature, newest
from piot.errors import PiotError
from piot.run.index import Seen, StatIndex

_PART = ("run.execute", "app.build", "app.building.reach")
"""What a build of a part needs; for a whole one there is more to import."""

AHEAD = tuple(
    partial(import_module, f"piot.{name}")
    for name in (*_PART, "model.cargo", "load.repository", "plan.analyze", "app.building.planning")
)
"""What is needed where there is no answer: imported while git looks, if that takes long."""

Held = tuple[str, bool]
"""What a file holds: the hex SHA-256 of its bytes, and whether it is executable."""

NOTHING: Held = ("", False)
"""What is no file."""
_AS_INDEXED: Held = ("?", False)
"""A file that is as git's index has it."""


class State(NamedTuple):
    """The signature of git's index, what git says of files that differ from it, and what those hold."""

    index_stat: Signature
    changed: bytes
    contents: Mapping[str, Held]


def look(
    root: Path, environ: Mapping[str, str], sources: SourceList, index: StatIndex
) -> tuple[State, Seen] | None:
    """The state of the checkout at ``root``, and what git saw there; None when that cannot be told."""
    started = clock.now_ns()
    try:
        seen = worktree.glance(root, environ, lambda: sources.untracked, AHEAD)
        if seen is None or sources.hidden or newest(seen.index_stat) > started - clock.GRANULARITY_NS:
            return None
        paths = [path for path in seen.paths if not path.startswith(OWN)]
        held = index.digest_of(paths)
    except PiotError:
        return None
    contents = {path: (held[path][0].hash, held[path][1]) if path in held else NOTHING for path in paths}
    state = State(seen.index_stat, seen.changed, contents)
    return state, Seen(seen.index_stat, frozenset(seen.paths), lambda: sources.paths, held)


def edited(before: State, now: State) -> list[str] | None:
    """The files that hold something else than they did; None where one is gone, or git's index another."""
    paths = before.contents.keys() | now.contents.keys()
    found = [path for path in paths if before.contents.get(path) != now.contents.get(path)]
    gone = any(
        NOTHING in (now.contents.get(path, NOTHING), before.contents.get(path, _AS_INDEXED)) for path in found
    )
    return None if gone or before.index_stat != now.index_stat else found
