"""The checkout that `doctor` looks at: whole where it is right, else as far as it can be read."""

from __future__ import annotations

from functools import cached_property

from piot.app.inspecting.check_view import Reading
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.errors import InputError, Problems
from piot.inspect.checks.locks import of_problem
from piot.load.repository import Reader, Repository, settings_in_force
from piot.model.events import Emit
from piot.model.finding import Finding
from piot.model.pins import Pins
from piot.model.settings import Config, Settings
from piot.model.target import TargetGraph


def open_session(where: Where, emit: Emit) -> tuple[Session, tuple[Finding, ...]]:
    """The session, and what is wrong with configuration, manifests, BUILD files and settings.

    Raises InputError where a configuration is named that is not there.
    """
    session = Session(where, emit, anywhere=True)
    try:
        _ = session.settings, session.pins, session.in_checkout and session.graph
    except InputError:
        partly = AsFar(where, emit)
        return partly, partly.wrong
    return session, ()


class AsFar(Session):
    """One of which a part is wrong: there are no targets then, or only the settings of the checkout."""

    def __init__(self, where: Where, emit: Emit) -> None:
        super().__init__(where, emit, anywhere=True)
        self._reading = Reading(where) if self.in_checkout else None
        self._wrong: list[Finding] = []

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """All that is, in the order of files and lines; reads everything for it."""
        _ = self.settings, self.pins, self.graph
        found = [*self._wrong, *(self._reading.found if self._reading else ())]
        return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.path, each.line, each.column)))

    @cached_property
    def _opened(self) -> tuple[Reader, Config, Settings]:
        config = self._reading.config if self._reading else Config(packages=())
        root = self._reading.root if self._reading else self.where.directory.absolute()
        try:
            settings = settings_in_force(config.settings, self.where.environ)
        except Problems as wrong:
            self._wrong += map(of_problem, wrong.problems)
            settings = config.settings
        return Reader(root), config, settings

    def text(self, path: str) -> str | None:
        return self._reading.text(path) if self._reading else None

    @cached_property
    def repository(self) -> Repository:
        return super().repository if self._reading is None else self._reading.repository

    @cached_property
    def graph(self) -> TargetGraph:
        return TargetGraph.of((), {}) if self._reading is None else self._reading.graph()

    @property
    def own_pins(self) -> Pins | None:
        return self._reading.pins if self._reading else None
