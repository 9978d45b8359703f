"""Where a build happens: one checkout, the store that it is built against, the settings that say how."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from piot.app.session import state
from piot.app.session.where import Where
from piot.model.events import Emit, Note
from piot.run.fetch.fetcher import Fetcher
from piot.run.index import Seen
from piot.run.stores.local import LocalStore


class Terms(NamedTuple):
    """What settings say of where and how actions run: `model.settings.Settings` has the same names."""

    cache: str
    """The folder that all checkouts share."""
    cache_max_size: int
    jobs: int | None
    sandbox: str


class Site(ABC):
    """All that running and delivering takes; ``seen`` is what git saw of the files, where that is known."""

    def __init__(self, where: Where, emit: Emit, seen: Seen | None) -> None:
        self.where = where
        self.emit = emit
        self.seen = seen

    @property
    @abstractmethod
    def root(self) -> Path:
        """The root of the checkout."""

    @property
    @abstractmethod
    def terms(self) -> Terms: ...

    @property
    def overlay(self) -> Mapping[str, bytes]:
        """Files of the checkout that actions see with other bytes, because of planned versions."""
        return {}

    @cached_property
    def store(self) -> LocalStore:
        return LocalStore(Path(self.terms.cache) / "store")

    @cached_property
    def private(self) -> LocalStore:
        """The same store with results that count in this checkout only."""
        return LocalStore(self.store.root, results=self.state / "results")

    @property
    def state(self) -> Path:
        """``.piot`` of this checkout."""
        return state.folder(self.root)

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            self.store,
            root=self.root,
            offline=self.where.offline,
            report=lambda line: self.emit(Note(text=line)),
            env=self.where.environ,
        )

    def close(self) -> None:
        """Ends what was opened, and shrinks the store when it has outgrown its size."""
        if "store" in self.__dict__:
            if self.store.written:
                from piot.run.stores.maintain import tidy

                tidy(self.store, self.terms.cache_max_size)
            self.store.close()
        if "private" in self.__dict__:
            self.private.close()


class KnownSite(Site):
    """One of which all is known already."""

    def __init__(self, where: Where, emit: Emit, seen: Seen | None, *, root: Path, terms: Terms) -> None:
        super().__init__(where, emit, seen)
        self._root, self._terms = root, terms

    @property
    def root(self) -> Path:
        return self._root

    @property
    def terms(self) -> Terms:
        return self._terms
