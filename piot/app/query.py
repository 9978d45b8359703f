"""``piot query``: what the graph of a checkout answers; no code of the checkout runs."""

from __future__ import annotations

from collections.abc import Sequence

from piot.app.where import Where
from piot.load import repository
from piot.model.target import Target, TargetGraph
from piot.query.answer import answer


def query(words: Sequence[str], where: Where) -> tuple[tuple[Target, ...], TargetGraph]:
    """The targets that the query chooses, sorted by label, and the graph that they are of."""
    opened = repository.open_repository(where.directory, where.environ, where.config)
    graph = repository.load_graph(repository.read_repository(*opened))
    return answer(" ".join(words), graph, package=where.below(opened[0].root)), graph
