"""One run of piot in one checkout: what every verb starts from, made on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from piot.app.catalogs.kept import KeptBuildFiles
from piot.app.session.site import Site, Terms
from piot.app.session.source_list import SourceList
from piot.app.session.where import Where
from piot.effects import git, host
from piot.errors import InputError
from piot.load import repository, rule_files
from piot.load.repository import Reader, Repository
from piot.model.events import Emit
from piot.model.label import Label
from piot.model.pins import LOCK, Pins
from piot.model.pins_text import parse_lock
from piot.model.settings import Config, Settings
from piot.model.target import TargetGraph
from piot.model.triple import Triple
from piot.run.index import Seen

DEFAULT_PINS = Label.parse("@piot//toolchains:tools.lock")


class Session(Site):
    """The checkout, the machine and the store of one run; ``versions`` are planned ones by package name.

    ``pins`` stand for those of ``piot.lock``; ``sources`` are the source files, ``seen`` what git saw of
    them, where that is known already; ``config`` stands for the checkout's own. With ``anywhere`` it may be
    started outside of a checkout: then there are no packages, and the settings are the user's.
    """

    def __init__(
        self,
        where: Where,
        emit: Emit,
        *,
        versions: Mapping[str, str] | None = None,
        anywhere: bool = False,
        pins: Pins | None = None,
        sources: SourceList | None = None,
        seen: Seen | None = None,
        config: Config | None = None,
    ) -> None:
        super().__init__(where, emit, seen)
        self.versions: Mapping[str, str] = dict(versions or {})
        self._anywhere = anywhere
        self._pins = pins
        if sources is not None:
            self.sources = sources
        self._config = config

    def with_versions(self, versions: Mapping[str, str]) -> Session:
        """The same checkout with these planned versions; nothing that was read is read again."""
        reader, config, settings = self._opened
        other = Session(
            self.where,
            self.emit,
            versions=versions,
            anywhere=self._anywhere,
            pins=self._pins,
            sources=self.sources,
            seen=self.seen,
        )
        other._opened = (Reader(reader.root, reader.read, texts=reader.texts), config, settings)
        other._on_disk = self._on_disk
        return other

    @cached_property
    def in_checkout(self) -> bool:
        """Whether there is a configuration at or above the folder that piot was started in."""
        try:
            git.find_root(self.where.directory)
        except InputError:
            return False
        return True

    @cached_property
    def _opened(self) -> tuple[Reader, Config, Settings]:
        if self._anywhere and not self.in_checkout:
            settings = repository.settings_in_force(Settings(), self.where.environ)
            return Reader(self.where.directory.absolute()), Config(packages=()), settings
        where = self.where
        return repository.open_repository(where.directory, where.environ, where.config, self._config)

    @property
    def root(self) -> Path:
        """The root of the checkout."""
        return self._opened[0].root

    @property
    def config(self) -> Config:
        return self._opened[1]

    @property
    def settings(self) -> Settings:
        return self._opened[2]

    def text(self, path: str) -> str | None:
        """A file of the checkout as text, None when absent."""
        return self._opened[0].text(path)

    def on_disk(self, path: str) -> str | None:
        """The same, never with planned versions in it."""
        reader = self._opened[0]
        return reader.texts.get(path) if path in reader.overlay else reader.text(path)

    @cached_property
    def sources(self) -> SourceList:
        """The source files, as they are when first asked for."""
        return SourceList(self.root, self.where.environ)

    @cached_property
    def repository(self) -> Repository:
        """Files and manifests, planned versions already in them."""
        if not self.versions:
            return self._on_disk
        from piot.load.stamping import stamped

        return stamped(self._on_disk, self._opened[0], self.versions)

    @cached_property
    def _on_disk(self) -> Repository:
        """Without planned versions."""
        return repository.read_repository(*self._opened, self.sources.paths)

    @cached_property
    def graph(self) -> TargetGraph:
        return KeptBuildFiles(self.root).targets(self.repository).graph

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

    @property
    def terms(self) -> Terms:
        of = self.settings
        return Terms(str(self.cache), of.cache_max_size, of.jobs, of.sandbox)

    @property
    def overlay(self) -> Mapping[str, bytes]:
        return {path: text.encode() for path, text in self.repository.overlay.items()}

    @cached_property
    def pins(self) -> Pins:
        """The fetched tools: ``piot.lock`` of the checkout over piot's own."""
        own = self._pins or self.own_pins
        return self.default_pins if own is None else own.over(self.default_pins)

    @property
    def default_pins(self) -> Pins:
        """The tools that piot itself pins."""
        file = rule_files.find(DEFAULT_PINS, self.root, repository.read)
        return parse_lock(file.text, "@piot/toolchains/tools.lock")

    @property
    def own_pins(self) -> Pins | None:
        """What the checkout's ``piot.lock`` says; None when it has none."""
        text = self.text(LOCK)
        return None if text is None else parse_lock(text, LOCK)
