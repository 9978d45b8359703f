"""The source files of a checkout as inputs: their digests, and their bytes in the store.

A key is computed from digests before its action runs; the bytes that the action sees come from the
store, never from the checkout. So a file that is edited in between is either seen as it was, or noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from piot.effects import files, witness
from piot.errors import InputError, listed
from piot.model.digest import Digest
from piot.run.index import StatIndex


class Store(Protocol):
    """What is needed of the local store."""

    def has(self, digest: Digest, /) -> bool:
        """Whether the bytes are there."""
        ...

    def put_bytes(self, data: bytes, /) -> Digest:
        """Stores bytes."""
        ...

    def put_file(self, path: Path, /) -> Digest:
        """Copies a file into the store and hashes the copy; FileNotFoundError when it is absent."""
        ...


class Changed(Exception):
    """Sources were edited or removed since they were looked at: compute the key again.

    The reader has forgotten what it knew of ``paths``.
    """

    def __init__(self, paths: tuple[str, ...]) -> None:
        super().__init__(f"{listed(paths)} changed while piot was looking")
        self.paths = paths


class SourceReader:
    """Reads the files below ``root``; ``overlay`` (path to bytes) stands before what is on the disk.

    ``told`` are digests that somebody has read already and relies on: these are used. What was learnt of a
    file holds until ``forget``, so that all actions of a run see one state.
    """

    def __init__(
        self,
        root: Path,
        index: StatIndex,
        store: Store,
        overlay: Mapping[str, bytes] | None = None,
        told: Mapping[str, tuple[Digest, bool]] | None = None,
    ) -> None:
        self._root = root
        self._index = index
        self._store = store
        self._overlay = dict(overlay or {})
        self._known: dict[str, tuple[Digest, bool]] = {
            **(told or {}),
            **{path: (Digest.of(data), False) for path, data in self._overlay.items()},
        }
        self._ingested: set[str] = set()

    def digests(self, paths: Iterable[str]) -> dict[str, tuple[Digest, bool]]:
        """Digest and executable bit by path, relative to the root with ``/``.

        Raises Changed for a path that is not there any more, InputError for a folder, a link to one, a link
        that leads nowhere or out of the repository, a pipe, and MachineError for what cannot be read.
        """
        wanted = dict.fromkeys(paths)
        unknown = [path for path in wanted if path not in self._known]
        if unknown:
            found = self._index.digest_of(unknown)
            self._known |= found
            if len(found) < len(unknown):
                self._explain([path for path in unknown if path not in found])
        return {path: self._known[path] for path in wanted}

    def ingest(self, paths: Iterable[str], expected: Mapping[str, tuple[Digest, bool]] | None = None) -> None:
        """Puts the bytes of ``paths`` into the store; raises Changed when they are not what was told.

        ``expected`` are the digests that the key was computed with; by default the latest that
        ``digests`` told, which differ when another thread has forgotten one in between.
        """
        wanted = [path for path in paths if expected or path not in self._ingested]
        changed: list[str] = []
        for path, (digest, _) in (expected or self.digests(wanted)).items():
            if self._store.has(digest) or self._put(path) == digest:
                self._ingested.add(path)
            else:
                changed.append(path)
        if changed:
            self.forget(changed)
            raise Changed(tuple(changed))

    def forget(self, paths: Iterable[str]) -> None:
        """Looks at these anew the next time."""
        for path in paths:
            if path not in self._overlay:
                witness.doubt(path)
                self._known.pop(path, None)
                self._ingested.discard(path)
                self._index.forget((path,))

    def save(self) -> None:
        """Keeps the index for the next run."""
        self._index.save()

    def _put(self, path: str) -> Digest | None:
        if path in self._overlay:
            return self._store.put_bytes(self._overlay[path])
        try:
            return self._store.put_file(self._root / path)
        except FileNotFoundError:
            return None

    def _explain(self, missing: list[str]) -> None:
        for path in missing:
            place = self._root / path
            found = files.look(place)
            if place.is_dir():
                raise InputError(
                    f"{path} is a folder or a link to one, where a file is expected",
                    hint="name the folder that the link leads to in `paths`, and take the link out with `!`",
                )
            if found is not None and found.kind == "symlink":
                raise InputError(
                    f"{path} is a link to {found.target}, which is not there",
                    hint="correct the link, or take it out of `paths` with `!`",
                )
            if found is not None and found.kind == "special":
                raise InputError(
                    f"{path} is a pipe, a socket or a device, where a file is expected",
                    hint="take it out of `paths` with `!`",
                )
        raise Changed(tuple(missing))
