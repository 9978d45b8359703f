"""The source files of a checkout, listed again only when a folder or what git ignores has changed.

Listing compares every folder's names with git's patterns. As long as no folder has other names, and git's
index, settings and patterns are the same, the list is the same (decision 0013).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from piot.app.session import state
from piot.effects import clock, folders, ignoring, plumbing
from piot.effects.file_list import OWN, FileList, list_files, present
from piot.effects.stats import newest, signatures
from piot.errors import MachineError
from piot.run.index import load_rows

FORMAT = 3
"""Raised when a list is made otherwise."""


class SourceList:
    """Of the checkout at ``root``, as it is when first asked; raises MachineError when git refuses."""

    def __init__(self, root: Path, environ: Mapping[str, str]) -> None:
        self._root = root
        self._environ = environ
        self._file = root / ".piot" / "files"

    @property
    def digest(self) -> str:
        """Tells one list of paths from another."""
        return str(self._found["digest"])

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Tracked files, new ones, and settings of cargo and rustup though git ignores them; sorted."""
        if "paths" not in self._found:
            kept = load_rows(self._file.with_name("file-names"))
            if kept.get("digest") != self.digest:
                self._found = self._listed()
                return self.paths
            return tuple(kept["paths"].split("\0"))
        paths: tuple[str, ...] = self._found["paths"]
        return paths

    @property
    def untracked(self) -> tuple[str, ...] | None:
        """Those that git does not track; None where git keeps nothing."""
        found: tuple[str, ...] | None = self._found["untracked"]
        return found

    @property
    def unseen(self) -> frozenset[str]:
        """Those that git neither tracks nor ignores; nothing where it keeps nothing."""
        return frozenset(self.untracked or ()).difference(self._found["present"])

    @property
    def hidden(self) -> bool:
        """Whether git was told not to look at some of them (assume-unchanged, skip-worktree)."""
        return bool(self._found["hidden"])

    @cached_property
    def _found(self) -> dict[str, Any]:
        kept: dict[str, Any] = load_rows(self._file)
        return kept if kept.get("format") == FORMAT and self._stands(kept) else self._listed()

    def _stands(self, kept: Mapping[str, Any]) -> bool:
        settings = plumbing.started(self._root, ignoring.SETTINGS, self._environ)
        same = (
            kept["git"] == str(plumbing.repository(self._root))
            and folders.unchanged(self._root, folders.Packed(*kept["folders"]))
            and signatures(None, kept["patterns"]) == kept["patterns"]
            and sorted(present(self._root, kept["looked_for"])) == kept["present"]
        )
        return ignoring.settings(settings(), self._environ) == kept["settings"] and same

    def _listed(self) -> dict[str, Any]:
        from hashlib import sha256

        began = clock.now_ns()
        found = list_files(self._root, environ=self._environ)
        names = "\0".join(found.paths)
        digest = sha256(names.encode("utf-8", "surrogateescape")).hexdigest()
        untracked = None if found.places is None else found.untracked
        rows = {
            "format": FORMAT,
            "digest": digest,
            "untracked": untracked,
            "present": sorted({*found.looked_for}.intersection(found.untracked)),
            "hidden": found.hidden,
        }
        with suppress(MachineError, folders.Unsettled, OSError):
            if found.places is not None and os.name == "posix":
                more = self._circumstances(found, found.places, began)
                state.keep(self._root, "file-names", {"digest": digest, "paths": names})
                state.keep(self._root, "files", rows | more)
        return {**rows, "paths": found.paths}

    def _circumstances(self, found: FileList, places: frozenset[str], began: int) -> dict[str, object]:
        """All that the list follows from; raises Unsettled when that may have changed meanwhile."""
        written = plumbing.output(self._root, ignoring.SETTINGS, self._environ)
        settings = ignoring.settings(written, self._environ)
        outside = None if settings is None else ignoring.files(self._root, self._environ, settings)
        if outside is None:
            raise folders.Unsettled(str(self._root))
        kept = self._folders(places.union(found.looked_for), began)
        inside = [str(self._root / folder / ignoring.FILE) for folder in kept]
        patterns = signatures(None, (*outside, *inside), follow=True)
        patterns = {path: row for path, row in patterns.items() if row is not None or path in outside}
        if any(row is not None and newest(row) > began - clock.GRANULARITY_NS for row in patterns.values()):
            raise folders.Unsettled(str(self._root))
        return {
            "git": str(plumbing.repository(self._root)),
            "settings": settings,
            "patterns": patterns,
            "folders": tuple(folders.packed(kept)),
            "looked_for": found.looked_for,
        }

    def _folders(self, paths: Iterable[str], began: int) -> dict[str, folders.Kept]:
        """Every folder in which a new file would be listed, for all that git does not ignore."""
        kept: dict[str, folders.Kept] = {}
        ahead = folders.ancestors(paths)
        while ahead:
            rows, inner = folders.keep(self._root, sorted(ahead), began)
            kept |= rows
            new = {folder for folder in inner - kept.keys() if not f"{folder}/".startswith(OWN)}
            ahead = new - ignoring.ignored(self._root, sorted(new), self._environ)
        return kept
