"""The keys of the actions behind rows, as far as this machine has the tools to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from piot.app.building.foresight import Foresight, foresight, waiting_for
from piot.app.building.request import BuildRequest
from piot.app.session.where import Where
from piot.errors import PiotError
from piot.model.events import Emit
from piot.model.plan import Configured
from piot.model.release.matrix import Row

Known = tuple[str | None, tuple[str, ...]]
"""A key, or what it waits for."""


def with_keys(rows: Sequence[Row], versions: Mapping[str, str], where: Where, emit: Emit) -> tuple[Row, ...]:
    """The rows with their keys; nothing is run or fetched, and what cannot be told says why."""
    labels = tuple(dict.fromkeys(row.label for row in rows))
    if not labels:
        return ()
    request = BuildRequest(patterns=labels, triples=("all",), versions=tuple(versions.items()), dry_run=True)
    try:
        with foresight(request, where, emit) as seen:
            return tuple(_with(row, _known(row, seen)) for row in rows)
    except PiotError as error:
        return tuple(_with(row, (None, (error.message,))) for row in rows)


def _with(row: Row, known: Known) -> Row:
    return replace(row, key=known[0], key_waits_for=known[1])


def _known(row: Row, seen: Foresight) -> Known:
    """Of what makes the row's files: the digest of their keys, where several actions do."""
    for each in seen.plan.unbuildable:
        if _is_of(row, each.target):
            return None, (f"tools for {row.triple or row.target}, which this machine lacks: piot toolchains",)
    made = [each for each in seen.plan.requested if _is_of(row, each.target)]
    makers = {output.action for each in made for output in each.outputs}
    actions = [each for each in seen.actions if each.action.id in makers]
    keys = [each.key for each in actions]
    if None in keys or not keys:
        waits = (name for each in actions if not each.key for name in waiting_for(seen.executor, each.action))
        return None, tuple(dict.fromkeys(waits)) or (f"a machine that builds {row.target}",)
    several = sha256("\n".join(map(str, keys)).encode()).hexdigest()
    return keys[0] if len(keys) == 1 else several, ()


def _is_of(row: Row, target: Configured) -> bool:
    same = (str(target.label), target.triple) == (row.label, row.triple)
    return same and row.python in (None, target.python)
