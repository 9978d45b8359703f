"""The catalog of the last query, kept so that the next one parses nothing when nothing changed.

It is used only while all that it was made from is as it was: the list of source files, the content of every
file that was read, that files which were looked for in vain are still absent, the place of the checkout,
the configuration file that was named, Python, and the code of piot and of the Starlark that made it. Contents
are compared by digest, through the index of files, whose rules say when a stat may stand for a digest.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from piot.app.session import code, state
from piot.app.session.source_list import SourceList
from piot.errors import MachineError
from piot.model.catalog import Catalog, Columns, Rows
from piot.run.index import StatIndex, load_rows

NAME = "graph"


class Snapshot:
    """The snapshot of the checkout at ``root``; ``about`` says what a catalog is of."""

    def __init__(self, root: Path, about: Iterable[str], sources: SourceList) -> None:
        self._root = root
        self._index = StatIndex(root / ".piot" / "graph-index")
        self._sources = sources
        self._key = (sys.version, *about, sources.digest)

    def load(self) -> Catalog | None:
        """The catalog; None when there is none or anything that it was made from has changed."""
        kept: dict[str, Any] = load_rows(self._root / ".piot" / NAME)
        if kept.get("key") != self._key or self._digests(kept["read"]) != kept["read"]:
            return None
        self._save_index()
        columns: Columns = marshal.loads(kept["columns"])

        @cache
        def rows() -> Rows:
            found: Rows = marshal.loads(kept["rows"])
            return found

        return Catalog.of(columns, rows, lambda: self._sources.paths, lambda: below(self._root, kept["read"]))

    def save(
        self, columns: Columns, rows: Rows, read: Mapping[str, str], made_by: Iterable[str] = ()
    ) -> None:
        """Keeps a catalog with ``read``: the hex SHA-256 of every file it was made from, "" for absent ones.

        ``made_by`` are files of code, beside those that were imported. Keeps nothing when a file that was
        read has changed since, or when the folder cannot be written to.
        """
        now = self._digests({**read, **dict.fromkeys((*code.files(), *made_by), "")})
        if any(now[path] != digest for path, digest in read.items()):
            return
        with suppress(MachineError):
            state.keep(
                self._root,
                NAME,
                {
                    "key": self._key,
                    "read": now,
                    "columns": marshal.dumps(columns),
                    "rows": marshal.dumps(rows),
                },
            )
        self._save_index()

    def _digests(self, read: Mapping[str, str]) -> dict[str, str]:
        """What stands at the paths now."""
        found = self._index.rows(read)
        return {path: found[path][1] if path in found else "" for path in read}

    def _save_index(self) -> None:
        with suppress(MachineError):
            self._index.save()


def below(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """Those of absolute paths that lie below ``root``, relative to it."""
    prefix = f"{root}{os.sep}"
    return frozenset(path[len(prefix) :].replace(os.sep, "/") for path in paths if path.startswith(prefix))


class Recorder:
    """Reads files and keeps the digest of each, by absolute path; ``read`` is what reads."""

    def __init__(self) -> None:
        self.digests: dict[str, str] = {}

    def read(self, path: Path) -> bytes | None:
        """The bytes of a file, None when there is none."""
        from hashlib import sha256  # loads OpenSSL, which takes longer than to see that nothing changed

        from piot.load.repository import read

        data = read(path)
        self.digests[str(path)] = "" if data is None else sha256(data).hexdigest()
        return data
