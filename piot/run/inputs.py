"""From a declared action and what is known of its inputs to a REAPI input tree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from piot.errors import InputError
from piot.model.action import (
    MOUNTS,
    ActionId,
    CommandAction,
    Fetched,
    Input,
    Mount,
    Output,
    Produced,
    SourceFile,
    Text,
    Unpacked,
)
from piot.model.digest import Digest
from piot.model.fetch import CargoGitFetch, Fetch, NpmFetch
from piot.model.result import ActionResult
from piot.model.tree import Tree, TreeBuilder
from piot.run.fetch.fetcher import Fetcher
from piot.run.fetch.unpack import unpack
from piot.run.stores.local import LocalStore

Results = Mapping[ActionId, ActionResult]
EXECUTABLE = " executable"
"""Stands behind the digest of an executable input in explanations."""

SourceDigests = Mapping[str, tuple[Digest, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """The inputs of one action by digest.

    ``whole`` is the input root that the key covers; ``private`` leaves the mounts out and is what a
    local runner copies; ``mounts`` are (name, entries), an entry being (folder below the mount, directory).
    ``parts`` names every input for explanations.
    """

    whole: Tree
    private: Tree
    mounts: tuple[tuple[str, Digest, tuple[tuple[str, Digest], ...]], ...]
    parts: tuple[tuple[str, str], ...]


class Stager:
    """Composes input trees; fetches and unpacks what mounts are made of."""

    def __init__(self, store: LocalStore, fetcher: Fetcher) -> None:
        self._store = store
        self._fetcher = fetcher
        self._mounts: dict[Mount, tuple[Digest, tuple[tuple[str, Digest], ...]]] = {}
        self._anew = False

    def forget(self) -> None:
        """Looks at everything anew, because the store has lost a part of it."""
        self._mounts.clear()
        self._anew = True

    def lacks(self, action: CommandAction) -> int:
        """How many of the pinned files that it reads are not fetched yet."""
        archives = {source.archive for mount in action.mounts for _, source in mount.entries}
        archives |= {item.archive for item in action.inputs if isinstance(item, Fetched)}
        return sum(not isinstance(each, Output) and not self._fetcher.has(each) for each in archives)

    def fetched(self, archive: Fetch) -> Digest | None:
        """A pinned blob that is in the store already."""
        return self._fetcher.fetch(archive) if self._fetcher.has(archive) else None

    def stage(self, action: CommandAction, sources: SourceDigests, results: Results) -> Staged:
        """The input tree of ``action``; ``results`` hold what it needs from earlier actions."""
        whole, private = TreeBuilder(), TreeBuilder()
        parts: list[tuple[str, str]] = []
        for item in action.inputs:
            name, place, digest, executable = self._resolved(item, sources, results)
            parts.append((name, f"{digest}{EXECUTABLE if executable else ''} at {place}"))
            for tree in (whole, private):
                if executable is None:
                    tree.add_directory(place, digest)
                else:
                    tree.add_file(place, digest, executable)
        mounts: list[tuple[str, Digest, tuple[tuple[str, Digest], ...]]] = []
        for mount in action.mounts:
            digest, entries = self._mount(mount, results)
            whole.add_directory(f"{MOUNTS}/{mount.name}", digest)
            parts.append((f"mount {mount.name}", str(digest)))
            mounts.append((mount.name, digest, entries))
        return Staged(whole=whole.build(), private=private.build(), mounts=tuple(mounts), parts=tuple(parts))

    def _resolved(
        self, item: Input, sources: SourceDigests, results: Results
    ) -> tuple[str, str, Digest, bool | None]:
        """Name for explanations, place, digest, and the executable bit (None: a directory)."""
        match item:
            case SourceFile():
                digest, executable = sources[item.path]
                return f"file {item.path}", item.place, digest, executable
            case Text():
                digest = self._store.put_bytes(item.content)
                return f"text {item.dest}", item.dest, digest, item.executable
            case Produced(output=output):
                name = f"output {output.path} of {output.action}"
                return name, item.dest, *_produced(output, results)
            case Fetched(archive=archive):
                return str(archive), item.dest, self._fetcher.fetch(archive), False

    def _mount(self, mount: Mount, results: Results) -> tuple[Digest, tuple[tuple[str, Digest], ...]]:
        known = self._mounts.get(mount)
        if known is None:
            entries = tuple((folder, self.unpacked(source, results)) for folder, source in mount.entries)
            known = (self._composed(entries), entries)
            if not any(isinstance(source.archive, Output) for _, source in mount.entries):
                self._mounts[mount] = known
        return known

    def unpacked(self, source: Unpacked, results: Results) -> Digest:
        """The directory digest of an archive's content; fetched and unpacked where that was not done yet."""
        if source.kind == "tree":
            assert isinstance(source.archive, Output)
            return _produced(source.archive, results)[0]
        if isinstance(source.archive, Output):
            blob, _ = only_file(source.archive, results, self._store)
            sha256: str | None = blob.hash
        else:
            blob = self._fetcher.fetch(source.archive)
            sha256 = None if isinstance(source.archive, CargoGitFetch | NpmFetch) else source.archive.sha256
        return unpack(self._store, blob, source.kind, sha256=sha256, anew=self._anew)

    def _composed(self, entries: tuple[tuple[str, Digest], ...]) -> Digest:
        if len(entries) == 1 and not entries[0][0]:
            return entries[0][1]
        builder = TreeBuilder()
        for folder, digest in entries:
            builder.add_directory(folder, digest)
        tree = builder.build()
        memo = hashlib.sha256(repr(entries).encode()).digest()
        if self._store.get_memo("composed", memo) is None:
            self._store.put_tree(tree)
            self._store.put_memo("composed", memo, str(tree.root).encode())
        return tree.root


def _produced(output: Output, results: Results) -> tuple[Digest, bool | None]:
    result = results[output.action]
    for directory in result.directories:
        if directory.path == output.path:
            return directory.root, None
    for file in result.files:
        if file.path == output.path:
            return file.digest, file.executable
    raise InputError(f"{output.action} has no output {output.path!r}")


def only_file(output: Output, results: Results, store: LocalStore) -> tuple[Digest, str]:
    """The one file of an output folder, as (digest, name); InputError when there are none or several."""
    for directory in results[output.action].directories:
        if directory.path == output.path:
            files = store.directory(directory.root).files
            if len(files) == 1:
                return files[0].digest, files[0].name
    raise InputError(f"{output.action}: {output.path} should hold just one file")
