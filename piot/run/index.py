"""The index of files: digests remembered with the stat signature that they were read under.

The rule is git's for "racily clean" entries (Documentation/technical/racy-git), made stricter: an
entry is kept only when the file's time stamps were older than the coarsest clock of a file system
when its bytes were read. A younger file could change again without showing, so it is read again.
"""

from __future__ import annotations

import marshal
import os
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

from piot.effects.clock import GRANULARITY_NS, now_ns
from piot.effects.files import read_file, write_atomic
from piot.effects.stats import (
    Signature,
    hashed,
    is_executable,
    is_file,
    is_link,
    newest,
    real_path,
    signatures,
)
from piot.errors import InputError, MachineError
from piot.model.digest import Digest

_OPENING, _WRITING = 10_000, 100
"""What opening a file and writing a row of the index cost, in bytes that could be hashed meanwhile."""

_MAGIC = b"piot index 1\n"

Row = tuple[Signature, str]
"""A signature and the hex SHA-256 of the bytes that were there under it; the size is the signature's."""


def load_rows(file: Path) -> dict[str, Any]:
    """What ``save_rows`` wrote; empty when absent, of another version, or damaged."""
    try:
        data = read_file(file)
    except (FileNotFoundError, MachineError):
        return {}
    head = len(_MAGIC) + 4
    body = data[head:]
    if not data.startswith(_MAGIC) or zlib.crc32(body).to_bytes(4, "big") != data[len(_MAGIC) : head]:
        return {}
    try:
        rows: object = marshal.loads(body)
    except (ValueError, EOFError, TypeError):  # a newer Python's marshal format
        return {}
    return cast("dict[str, Any]", rows) if isinstance(rows, dict) else {}


def save_rows(file: Path, rows: dict[str, Any]) -> None:
    """Writes plain values (numbers, texts, tuples) atomically; raises MachineError."""
    body = marshal.dumps(rows)
    write_atomic(file, _MAGIC + zlib.crc32(body).to_bytes(4, "big") + body)


class StatIndex:
    """Digests of files by path, read again only when a file changed or may have.

    ``file`` is where it is kept between runs; paths are relative to ``root``, absolute without one.
    """

    def __init__(self, file: Path, root: Path | None = None, *, clock: Callable[[], int] = now_ns) -> None:
        self._file = file
        self._root = root
        self._clock = clock
        self._rows: dict[str, Row] = load_rows(file)
        self._learnt = 0
        """What it would cost to learn again what is not saved, in bytes."""

    def digest_of(self, paths: Iterable[str]) -> dict[str, tuple[Digest, bool]]:
        """Digest and executable bit of each path that is a file or a link to one; others are left out.

        A link counts as the file that it leads to. Raises MachineError for one that cannot be read, and
        InputError for a link that leads out of ``root``.
        """
        return {
            path: (Digest(row[1], row[0][2]), is_executable(row[0])) for path, row in self.rows(paths).items()
        }

    def rows(self, paths: Iterable[str]) -> dict[str, Row]:
        """The same in plain tuples, for loops over tens of thousands."""
        known = self._rows
        prefix = os.path.join(self._root, "") if self._root else ""  # noqa: PTH118 - Path costs more
        found: dict[str, Row] = {}
        for path, signature in signatures(self._root, paths).items():
            row = known.get(path)
            if row is not None and row[0] == signature:
                found[path] = row
            elif signature is None:
                self._rows.pop(path, None)
            elif is_link(signature):
                self._through(path, found)
            elif is_file(signature):
                self._read(path, prefix + path, found)
        return found

    def forget(self, paths: Iterable[str]) -> None:
        """Reads these again next time."""
        for path in paths:
            self._rows.pop(path, None)

    def save(self) -> None:
        """Keeps what was learnt for the next run; raises MachineError when that cannot be written.

        Where a few small files of many changed, writing all rows would cost more than reading those again.
        """
        if self._learnt > _WRITING * len(self._rows):
            save_rows(self._file, self._rows)
            self._learnt = 0

    def _through(self, path: str, found: dict[str, Row]) -> None:
        """A link's row holds the signature of its target, so it never equals the link's own."""
        target = real_path(self._root / path if self._root else path)
        if self._root and not target.is_relative_to(real_path(self._root)):
            raise InputError(
                f"{path} is a link that leads out of the repository, to {target}",
                hint="put the file itself there, or take it out of `paths` with `!`",
            )
        signature = signatures(None, [str(target)])[str(target)]
        row = self._rows.get(path)
        if row is not None and row[0] == signature:
            found[path] = row
        elif signature and is_file(signature):
            self._read(path, str(target), found)

    def _read(self, path: str, real: str, found: dict[str, Row]) -> None:
        started = self._clock()
        row = hashed(real)
        if row is None:
            return
        found[path] = row
        if newest(row[0]) < started - GRANULARITY_NS:
            self._rows[path] = row
            self._learnt += _OPENING + row[0][2]
        else:
            self._rows.pop(path, None)
