"""``piot query``: what the graph of a checkout answers; no code of the checkout runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from piot.app.catalogs.catalog import read_catalog
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.effects import git
from piot.errors import UsageError, listed
from piot.model.catalog import Catalog
from piot.query.answer import answer
from piot.query.formats import FORMATS
from piot.query.values import Files, Revisions
from piot.query.way import Way

if TYPE_CHECKING:
    from piot.effects.revisions import Begun


def query(words: Sequence[str], where: Where, output: str, begun: Mapping[str, Begun] | None = None) -> str:
    """What the query chooses, as ``--output`` says; ``begun`` is what git was asked already (`app.ahead`).

    Raises UsageError for a query that cannot be answered, and InputError for a checkout that is wrong.
    """
    root = git.find_root(where.directory)
    sources = SourceList(root, where.environ)
    catalog = read_catalog(root, where, sources)
    found = answer(
        " ".join(words),
        catalog,
        package=where.below(root),
        revisions=cache(lambda: _revisions(root, where, catalog, sources, begun or {})),
    )
    if isinstance(found, Way) and output == "matrix":
        found = found.targets
    if isinstance(found, Way):
        from piot.query.way_formats import shown_way

        return shown_way(catalog, found, output)
    if isinstance(found, Files):
        return _files(sorted(found.paths), output)
    return _targets(root, where, catalog, sorted(found), output)


def _targets(root: Path, where: Where, catalog: Catalog, numbers: list[int], output: str) -> str:
    if output == "matrix":
        _refuse_publish_nodes(catalog, numbers)
        from piot.app.releasing.query_matrix import query_matrix

        return query_matrix({catalog.labels[number] for number in numbers}, where, lambda _: None)
    if output in FORMATS:
        return FORMATS[output](catalog, numbers)
    from piot.query.data import targets_json

    paths = {path for number in numbers for path in catalog.detail(number).inputs}
    return targets_json(catalog, numbers, _contents(root, paths), lines=output == "jsonl")


def _refuse_publish_nodes(catalog: Catalog, numbers: Sequence[int]) -> None:
    """They send what others build: whoever asks for the jobs of nothing else means those others."""
    nodes = [catalog.labels[number] for number in numbers if number in catalog.publishing]
    if nodes and len(nodes) == len(numbers):
        raise UsageError(
            f"{listed(nodes, limit=5)}: publish nodes are built by no job",
            hint=f"deps({nodes[0]}, 1) gives the jobs that build what it sends",
        )


def _revisions(
    root: Path, where: Where, catalog: Catalog, sources: SourceList, begun: Mapping[str, Begun]
) -> Revisions:
    from piot.app.catalogs.revisions import CheckoutRevisions

    return CheckoutRevisions(root, where, catalog, sources, begun)


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
