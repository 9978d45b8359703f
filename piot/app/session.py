"""One run of piot in one checkout: what every verb starts from, made on first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from piot.effects import files, host
from piot.load import repository, rule_files
from piot.load.repository import Reader, Repository
from piot.load.stamping import stamped
from piot.model.events import Emit, Note
from piot.model.label import Label
from piot.model.package import Config, Settings
from piot.model.pins import Pins, parse_lock
from piot.model.target import TargetGraph
from piot.model.triple import Triple
from piot.run.fetch.fetcher import Fetcher
from piot.run.stores.local import LocalStore

LOCK = "piot.lock"
DEFAULT_PINS = Label.parse("@piot//toolchains:tools.lock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where and how piot was started: the folder, the environment, and the flags that all verbs take."""

    directory: Path
    environ: Mapping[str, str] = field(repr=False)
    config: Path | None = None
    offline: bool = False


class Session:
    """The checkout, the machine and the store of one run; ``versions`` are planned ones by package name."""

    def __init__(self, where: Where, emit: Emit, *, versions: Mapping[str, str] | None = None) -> None:
        self.where = where
        self.emit = emit
        self._versions = dict(versions or {})

    @cached_property
    def _opened(self) -> tuple[Reader, Config, Settings]:
        return repository.open_repository(self.where.directory, self.where.environ, self.where.config)

    @property
    def root(self) -> Path:
        """The root of the checkout."""
        return self._opened[0].root

    @property
    def settings(self) -> Settings:
        return self._opened[2]

    @cached_property
    def repository(self) -> Repository:
        """Files and manifests, planned versions already in them."""
        found = repository.read_repository(*self._opened)
        return stamped(found, self._opened[0], self._versions) if self._versions else found

    @cached_property
    def graph(self) -> TargetGraph:
        return repository.load_graph(self.repository)

    @cached_property
    def host(self) -> Triple:
        facts = host.host_triple_facts()
        return Triple.from_uname(facts.system, facts.machine, facts.libc)

    @property
    def cache(self) -> Path:
        """The folder that all checkouts share."""
        named = self.settings.cache_dir
        if named is None:
            return host.cache_dir(self.where.environ)
        return (self.root / Path(named).expanduser()).absolute()

    @cached_property
    def store(self) -> LocalStore:
        return LocalStore(self.cache / "store")

    @property
    def state(self) -> Path:
        """``.piot`` of this checkout, with a ``.gitignore`` of its own."""
        folder = self.root / ".piot"
        if not (folder / ".gitignore").exists():
            files.write_atomic(folder / ".gitignore", b"*\n")
        return folder

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            self.store,
            root=self.root,
            offline=self.where.offline,
            report=lambda line: self.emit(Note(text=line)),
            env=self.where.environ,
        )

    @cached_property
    def pins(self) -> Pins:
        """The fetched tools: ``piot.lock`` of the checkout over piot's own."""
        file = rule_files.find(DEFAULT_PINS, self.root, repository.read)
        defaults = parse_lock(file.text, "@piot/toolchains/tools.lock")
        own = repository.read(self.root / LOCK)
        return defaults if own is None else parse_lock(own.decode(), LOCK).over(defaults)

    def close(self) -> None:
        """Ends what was opened, and shrinks the store when it has outgrown its size."""
        if "store" in self.__dict__:
            from piot.run.stores.maintain import tidy

            tidy(self.store, self.settings.cache_max_size)
            self.store.close()
