"""``piot query``: what the graph of a checkout answers; no code of the checkout runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from piot.app.snapshot import Recorder, Snapshot
from piot.app.where import Where
from piot.effects import git
from piot.errors import UsageError
from piot.load.listing import list_sources
from piot.model.catalog import Catalog
from piot.query.answer import answer
from piot.query.formats import FORMATS
from piot.query.values import Files


def query(words: Sequence[str], where: Where, output: str) -> str:
    """What the query chooses, as ``--output`` says.

    Raises UsageError for a query that cannot be answered, and InputError for a checkout that is wrong.
    """
    root = git.find_root(where.directory)
    catalog = read_catalog(root, where)
    found = answer(" ".join(words), catalog, package=where.below(root))
    if isinstance(found, Files):
        return _files(sorted(found.paths), output)
    numbers = sorted(found)
    if output in FORMATS:
        return FORMATS[output](catalog, numbers)
    from piot.query.data import targets_json

    paths = {path for number in numbers for path in catalog.detail(number).inputs}
    return targets_json(catalog, numbers, _contents(root, paths), lines=output == "jsonl")


def read_catalog(root: Path, where: Where) -> Catalog:
    """All targets of the checkout: as they were, when nothing that they were read from changed."""
    config = "" if where.config is None else str(where.config)
    paths = list_sources(root)
    snapshot = Snapshot(root / ".piot", (str(root), config), paths)
    return snapshot.load() or _loaded(root, where, paths, snapshot)


def _loaded(root: Path, where: Where, paths: tuple[str, ...], snapshot: Snapshot) -> Catalog:
    from piot.app.kept import KeptBuildFiles
    from piot.load import catalog, repository

    recorder = Recorder()
    reader = repository.Reader(root, recorder.read)
    config = repository.read_config(reader, where.config)
    found = repository.read_repository(reader, config, config.settings, paths)
    kept = KeptBuildFiles(root)
    loaded = kept.targets(found, recorder.read)
    columns = catalog.columns_of(loaded.graph)
    rows = catalog.rows_of(loaded.graph, found, loaded.definitions)
    snapshot.save(columns, rows, recorder.digests, kept.code)
    return Catalog.of(columns, lambda: rows, paths)


def _files(paths: list[str], output: str) -> str:
    if output in ("json", "jsonl"):
        from piot.query.data import files_json

        return files_json(paths, lines=output == "jsonl")
    if output != "label":
        raise UsageError(
            f"--output {output} is for targets, and this query gives files",
            hint="label, json and jsonl print files; owner(…) gives the targets that they belong to",
        )
    return "".join(f"{path}\n" for path in paths)


def _contents(root: Path, paths: set[str]) -> dict[str, str]:
    """Digest and mode of source files, through the index that builds keep."""
    from contextlib import suppress

    from piot.errors import MachineError
    from piot.run.index import StatIndex

    index = StatIndex(root / ".piot" / "index", root)
    found = index.digest_of(sorted(paths))
    with suppress(MachineError):
        index.save()
    return {path: f"{digest.hash}{' x' if runs else ''}" for path, (digest, runs) in found.items()}
