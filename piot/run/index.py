"""The index of files: digests remembered with the stat signature that they were read under.

The rule is git's for "racily clean" entries (Documentation/technical/racy-git), made stricter: an
entry is kept only when the file's time stamps were older than the coarsest clock of a file system
when its bytes were read. A younger file could change again without showing, so it is read again.
"""

from __future__ import annotations

import marshal
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

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
from piot.run.settled_rows import SettledRows

_OPENING, _WRITING = 10_000, 100
"""What opening a file and writing a row of the index cost, in bytes that could be hashed meanwhile."""

_MAGIC = b"piot index 3\n"

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


class Seen(NamedTuple):
    """What git has seen of a checkout: the files that differ from its index or are not in it, and the others.

    ``state`` tells one state of git's index from another. As long as it is the same, a file that
    is not among ``touched`` has the stat that the index has (decision 0013). ``contents`` are digest and
    executable bit of those among ``touched`` that are files, as they were at that time.
    """

    state: Signature
    touched: frozenset[str]
    paths: Callable[[], Iterable[str]]
    contents: Mapping[str, tuple[Digest, bool]] = {}


class StatIndex:
    """Digests of files by path, read again only when a file changed or may have.

    ``file`` is where it is kept between runs; paths are relative to ``root``, absolute without one. With
    ``seen`` files that git has looked at are not looked at again.
    """

    def __init__(
        self,
        file: Path,
        root: Path | None = None,
        *,
        clock: Callable[[], int] = now_ns,
        seen: Seen | None = None,
    ) -> None:
        self._file = file
        self._root = root
        self._clock = clock
        self._seen = seen
        kept: dict[str, Any] = load_rows(file)
        self._rows: dict[str, str] = kept.get("rows", {})
        self._links: dict[str, str] = kept.get("links", {})
        self._settled = SettledRows(
            file.with_name(f"{file.name}-parts"),
            load_rows,
            under=kept.get("under"),
            total=kept.get("settled", 0),
        )
        """Rows of tracked files that were as git's index has them."""
        self.linked: set[str] = set()
        """Paths that were seen to be links."""
        self._fresh: set[str] = set()
        """Paths whose rows were compared with the file in this run."""
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
        asked = tuple(paths)
        found = self._as_git_saw(asked)
        prefix = os.path.join(self._root, "") if self._root else ""  # noqa: PTH118 - Path costs more
        rest = [path for path in asked if path not in found] if found else asked
        for path, signature in signatures(self._root, rest).items():
            if signature is None:
                self.forget((path,))
            elif (digest := _digest(self._rows.get(path) or self._settled.get(path), signature)) is not None:
                found[path] = signature, digest
                self._fresh.add(path)
            elif is_link(signature):
                self._rows.pop(path, None)
                self._settled.forget(path)
                self._through(path, found)
            elif is_file(signature):
                self._read(path, prefix + path, found)
        return found

    def _as_git_saw(self, paths: Iterable[str]) -> dict[str, Row]:
        """Rows of files that are as they were, though only git has looked at them."""
        if self._seen is None or self._seen.state != self._settled.under:
            return {}
        known, touched = self._settled.get, self._seen.touched
        rows = {path: row for path in paths if path not in touched and (row := known(path)) is not None}
        return {path: _parsed(row) for path, row in rows.items()}

    def forget(self, paths: Iterable[str]) -> None:
        """Reads these again next time."""
        for path in paths:
            self._fresh.discard(path)
            for rows in (self._rows, self._links):
                rows.pop(path, None)
            self._settled.forget(path)

    def save(self) -> None:
        """Keeps what was learnt for the next run; raises MachineError when that cannot be written.

        Where a few small files of many changed, writing all rows would cost more than reading those again.
        """
        settled = self._settled
        if self._seen is not None and self._seen.state != settled.under:
            self._settle(self._seen)
        if self._learnt > _WRITING * (len(self._rows) + settled.total):
            rows: dict[str, Any] = {"rows": self._rows, "links": self._links}
            save_rows(self._file, {**rows, "settled": settled.total, "under": settled.under})
            self._learnt = 0

    def _settle(self, seen: Seen) -> None:
        """Sorts the rows by whether git's index has the file as it is; those that nobody asked for too."""
        rows = {**self._settled.all(), **self._rows}
        paths = [path for path in seen.paths() if path in rows and path not in seen.touched]
        unasked = signatures(self._root, [path for path in paths if path not in self._fresh])
        settled = {
            path: rows.pop(path)
            for path in paths
            if path in self._fresh or _digest(rows[path], unasked[path]) is not None
        }
        self._settled.replace(seen.state, settled, save_rows)
        self._rows = rows
        self._learnt += (_WRITING + _OPENING) * len(settled)

    def _through(self, path: str, found: dict[str, Row]) -> None:
        """A link's row holds the signature of its target, so it never equals the link's own."""
        self.linked.add(path)
        target = real_path(self._root / path if self._root else path)
        if self._root and not target.is_relative_to(real_path(self._root)):
            raise InputError(
                f"{path} is a link that leads out of the repository, to {target}",
                hint="put the file itself there, or take it out of `paths` with `!`",
            )
        signature = signatures(None, [str(target)])[str(target)]
        if (digest := _digest(self._links.get(path), signature)) is not None and signature is not None:
            found[path] = signature, digest
        elif signature and is_file(signature):
            self._read(path, str(target), found, self._links)

    def _read(self, path: str, real: str, found: dict[str, Row], into: dict[str, str] | None = None) -> None:
        rows = self._rows if into is None else into
        started = self._clock()
        row = hashed(real)
        if row is None:
            return
        found[path] = row
        if newest(row[0]) < started - GRANULARITY_NS:
            rows[path] = _text(row)
            self._fresh.add(path)
            self._learnt += _OPENING + row[0][2]
        else:
            self.forget((path,))


_ROW = "%d %d %d %d %d %d "
"""A row is kept as text, since tens of thousands of tuples take a tenth of a second to read."""


def _text(row: Row) -> str:
    return _ROW % row[0] + row[1]


def _digest(text: str | None, signature: Signature | None) -> str | None:
    """The digest in a row, when it has this signature."""
    if text is None or signature is None:
        return None
    head = _ROW % signature
    return text[len(head) :] if text.startswith(head) else None


def _parsed(text: str) -> Row:
    mtime, ctime, size, inode, device, mode, digest = text.split(" ")
    return (int(mtime), int(ctime), int(size), int(inode), int(device), int(mode)), digest
