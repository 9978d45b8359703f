"""The catalog of an earlier commit, made from git's objects; the checkout stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from piot.app.catalogs.kept import KeptBuildFiles
from piot.app.catalogs.snapshot import below
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.effects import revisions
from piot.effects.file_list import ALSO
from piot.load import catalog, repository
from piot.model.catalog import Catalog


def past_catalog(root: Path, where: Where, commit: str, wanted: Iterable[str]) -> Catalog:
    """All targets of a commit; ``wanted`` are the files that are likely to be read, asked of git at once.

    Raises InputError where its configuration or BUILD files are wrong.
    """
    past = _Past(root, where, commit)
    past.fetch(wanted)
    reader = repository.Reader(root, past.read)
    config = repository.read_config(reader, where.config)
    found = repository.read_repository(reader, config, config.settings, past.paths)
    kept = KeptBuildFiles(root).files
    loaded = repository.load_targets(found, past.read, kept)
    rows = catalog.rows_of(loaded.graph, found, loaded.definitions)
    return Catalog.of(
        catalog.columns_of(loaded.graph), lambda: rows, lambda: past.paths, lambda: below(root, past.asked)
    )


class _Past:
    """The files of a commit, and those that git ignores, which count as they are now."""

    def __init__(self, root: Path, where: Where, commit: str) -> None:
        self._root = root
        self._environ = where.environ
        self._commit = commit
        self._tree = revisions.tree(root, commit, where.environ)
        sources = SourceList(root, where.environ)
        ignored = (path for path in sources.untracked or () if path.endswith(ALSO))
        self._here = frozenset(path for path in ignored if path not in self._tree)
        self._contents: dict[str, bytes] = {}
        self.paths = tuple(sorted(self._tree.keys() | self._here))
        self.asked: set[str] = set()

    def fetch(self, paths: Iterable[str]) -> None:
        """Takes files from git, all at once."""
        wanted = [path for path in paths if path in self._tree]
        ids = [self._tree[path] for path in wanted]
        self._contents |= zip(wanted, revisions.contents(self._root, ids, self._environ), strict=True)

    def read(self, path: Path) -> bytes | None:
        """The bytes of a file as they were; of one outside of the checkout as they are."""
        self.asked.add(str(path))
        inside = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else None
        if inside is None or inside in self._here:
            return repository.read(path)
        if inside not in self._contents:
            if inside not in self._tree:
                return None
            self.fetch((inside,))
        return self._contents[inside]
