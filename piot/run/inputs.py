"""From a declared action and what is known of its inputs to a REAPI input tree."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from piot.errors import InputError
from piot.model.action import (
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
from piot.model.tree import TreeBuilder
from piot.run.fetch.fetcher import Fetcher
from piot.run.fetch.unpack import unpack
from piot.run.recall import Recall
from piot.run.staged import MountTree, Placed, RootOf, Staged
from piot.run.stores.local import LocalStore

Results = Mapping[ActionId, ActionResult]
SourceDigests = Mapping[str, tuple[Digest, bool]]


class Stager:
    """Composes input trees; fetches and unpacks what mounts are made of."""

    def __init__(
        self,
        store: LocalStore,
        fetcher: Fetcher,
        root_of: RootOf | None = None,
        recall: Recall | None = None,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._root_of = root_of
        self._recall = recall
        self._texts: dict[bytes, Digest] = {}
        self._mounts: dict[Mount, tuple[Digest, tuple[tuple[str, Digest], ...]]] = {}
        self._anew = False

    def forget(self) -> None:
        """Looks at everything anew, because the store has lost a part of it."""
        self._mounts.clear()
        self._texts.clear()
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
        mounts = self._mounted(action, results)
        placed = [self._placed(item, sources, results) for item in action.inputs]
        staged = Staged.of(placed, mounts, self._root_of)
        if self._recall is not None:
            files, others = self._parted(action, results)
            self._recall.note(files, others, mounts, staged.root)
        return staged

    def recalled(self, action: CommandAction, results: Results) -> Digest | None:
        """The root of its input tree, where that is known although nobody looks at its files."""
        if self._recall is None:
            return None
        return self._recall.root(*self._parted(action, results), self._mounted(action, results))

    def _parted(self, action: CommandAction, results: Results) -> tuple[list[SourceFile], list[Placed]]:
        files: list[SourceFile] = []
        others: list[Placed] = []
        for item in action.inputs:
            if isinstance(item, SourceFile):
                files.append(item)
            else:
                others.append(self._placed(item, {}, results))
        return files, others

    def _mounted(self, action: CommandAction, results: Results) -> list[MountTree]:
        return [(mount.name, *self._mount(mount, results)) for mount in action.mounts]

    def _placed(self, item: Input, sources: SourceDigests, results: Results) -> Placed:
        match item:
            case SourceFile():
                return f"file {item.path}", item.place, *sources[item.path]
            case Text():
                return f"text {item.dest}", item.dest, self._text(item.content), item.executable
            case Produced(output=output):
                name = f"output {output.path} of {output.action}"
                return name, item.dest, *_produced(output, results)
            case Fetched(archive=archive):
                return str(archive), item.dest, self._fetcher.fetch(archive), False

    def _text(self, content: bytes) -> Digest:
        """Stored once: every action has the launcher."""
        if content not in self._texts:
            self._texts[content] = self._store.put_bytes(content)
        return self._texts[content]

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
