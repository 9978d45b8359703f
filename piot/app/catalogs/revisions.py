"""Which targets of a checkout are made otherwise than at an earlier commit, by what git has hashed.

As long as nothing differs that the graph is made from, and no file is gone, the graph of the earlier commit
is today's: then the files that differ say it all. Else the earlier graph is made too, from git's objects.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.effects import plumbing, revisions
from piot.effects.history import History
from piot.effects.revisions import Begun, Uncommitted
from piot.errors import InputError, UsageError
from piot.model.catalog import Catalog
from piot.model.history import Change
from piot.model.pins import LOCK


class CheckoutRevisions:
    """Implements ``query.values.Revisions`` for the checkout at ``root``, whose targets are ``catalog``.

    ``begun`` is what git was asked already, by revision.
    """

    def __init__(
        self,
        root: Path,
        where: Where,
        catalog: Catalog,
        sources: SourceList,
        begun: Mapping[str, Begun],
    ) -> None:
        self._begun = dict(begun)
        self._uncommitted: Uncommitted | None = None
        self._history = History(root, where.environ)
        self._root = root
        self._sources = sources
        self._where = where
        self._catalog = catalog

    def commit(self, text: str) -> str | None:
        """The commit that a revision names; raises UsageError where git keeps nothing."""
        if plumbing.repository(self._root) is None:
            hint = "affected(…) compares with what git has: run `git init` and commit"
            raise UsageError(f"{self._root} is no git repository", hint=hint)
        begun = self._begun.pop(text, None)
        if begun is None:
            return self._history.commit(text)
        self._uncommitted = begun.uncommitted
        return begun.commit()

    def changed(self, base: str, head: str | None) -> frozenset[int]:
        """Targets of today whose rule, attributes or files are others at ``head`` than at ``base``.

        All of them, where the graph of an earlier commit cannot be made: none is left out wrongly.
        """
        if head is None:
            there: Catalog | None = self._catalog
            found = self._since(base)
        else:
            found = self._history.changes(base, head)
            there = self._at(head, found) if self._since(head) else self._catalog
        differs = frozenset(change.path for change in found)
        if LOCK in differs or there is None:
            return frozenset(range(len(self._catalog.labels)))
        if not any(change.gone for change in found) and differs.isdisjoint(there.sources()):
            return self._numbers(there, _made_of(there, differs))
        before = self._at(base, found)
        if before is None:
            return frozenset(range(len(self._catalog.labels)))
        return self._numbers(there, _differing(before, there, differs))

    def _since(self, commit: str) -> tuple[Change, ...]:
        """What the work tree has otherwise; what git was asked already is waited for once."""
        begun, self._uncommitted = self._uncommitted, None
        return revisions.since(self._history, commit, self._sources.untracked or (), begun)

    def _numbers(self, there: Catalog, found: Iterable[int]) -> frozenset[int]:
        """The same targets in today's catalog; one that is not there any more is left out."""
        if there is self._catalog:
            return frozenset(found)
        labels = (there.labels[number] for number in found)
        return frozenset(self._catalog.index[label] for label in labels if label in self._catalog.index)

    def _at(self, commit: str, found: Iterable[Change]) -> Catalog | None:
        """The targets of a commit; None for one whose configuration or BUILD files are wrong."""
        from piot.app.catalogs.past import past_catalog

        wanted = self._catalog.sources().union(change.path for change in found)
        try:
            return past_catalog(self._root, self._where, commit, wanted)
        except InputError:
            return None


def _made_of(catalog: Catalog, paths: frozenset[str]) -> frozenset[int]:
    """Targets that have one of the files among their inputs, or whose own rule is one."""
    return frozenset(
        number
        for number, (rule, _, _, inputs, _) in enumerate(catalog.rows())
        if not paths.isdisjoint(inputs) or _rule_file(rule) in paths
    )


def _rule_file(rule: str) -> str:
    """``tools/say.py`` of ``//tools:say.py%say``; nothing for piot's own rules."""
    folder, _, name = rule.partition("%")[0].removeprefix("//").partition(":")
    return os.path.join(folder, name).replace(os.sep, "/") if name else ""  # noqa: PTH118 - not of this machine


def _differing(before: Catalog, there: Catalog, paths: frozenset[str]) -> frozenset[int]:
    """Those of ``there`` that had another rule, attribute or file, or whose files differ."""
    earlier = {label: _told(before, number) for number, label in enumerate(before.labels)}
    own = {n for n, label in enumerate(there.labels) if earlier.get(label) != _told(there, n)}
    return _made_of(there, paths) | own


def _told(catalog: Catalog, number: int) -> object:
    rule, _, attrs, inputs, _ = catalog.rows()[number]
    return rule, attrs, inputs
