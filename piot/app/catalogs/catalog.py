"""The catalog of a checkout: as it was kept, when nothing that it was read from changed, else read anew."""

from __future__ import annotations

from pathlib import Path

from piot.app.catalogs.snapshot import Recorder, Snapshot, below
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.model.catalog import Catalog


def read_catalog(root: Path, where: Where, sources: SourceList | None = None) -> Catalog:
    """All targets of the checkout; no code of it runs. Raises InputError for a checkout that is wrong.

    ``sources`` are its files, where they are known.
    """
    config = "" if where.config is None else str(where.config)
    sources = sources or SourceList(root, where.environ)
    snapshot = Snapshot(root, (str(root), config), sources)
    return snapshot.load() or _loaded(root, where, sources, snapshot)


def _loaded(root: Path, where: Where, sources: SourceList, snapshot: Snapshot) -> Catalog:
    from piot.app.catalogs.kept import KeptBuildFiles
    from piot.load import catalog, repository

    recorder = Recorder()
    reader = repository.Reader(root, recorder.read)
    config = repository.read_config(reader, where.config)
    found = repository.read_repository(reader, config, config.settings, sources.paths)
    kept = KeptBuildFiles(root)
    loaded = kept.targets(found, recorder.read)
    columns = catalog.columns_of(loaded.graph)
    rows = catalog.rows_of(loaded.graph, found, loaded.definitions)
    snapshot.save(columns, rows, recorder.digests, kept.code)
    return Catalog.of(columns, lambda: rows, lambda: sources.paths, lambda: below(root, recorder.digests))
