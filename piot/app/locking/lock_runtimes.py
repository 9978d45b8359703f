"""Pins of what Python packages need when they are installed, for their smoke tests."""

from __future__ import annotations

from piot.api.smoke import PIP_PYTHON
from piot.app.locking.resolving import Resolver
from piot.app.session.session import Session
from piot.errors import InputError
from piot.model import events
from piot.model.package import Package
from piot.model.pins import Pins, canonical
from piot.model.python.runtime import third_party


class RuntimeLock:
    """Makes the pins of what packages need, one after the other."""

    def __init__(self, session: Session, resolver: Resolver) -> None:
        self._session = session
        self._resolver = resolver

    def pinned(self, package: Package) -> Pins:
        """What one package needs, and what those of the repository need that it needs; nothing else.

        What has no wheels is told and not pinned: a smoke test does without it.
        """
        projects = self._session.repository.pyprojects
        project = projects.get(package.path)
        requires = third_party(project, projects.values()) if project else ()
        if project is None or not requires:
            return Pins()
        try:
            resolved = self._resolver.resolved(project, requires, PIP_PYTHON)
        except InputError as error:
            text = f"{package.name} is not tried with what it needs: {error.message}"
            self._session.emit(events.Warning(text=text))
            return Pins()
        own = {canonical(each.name) for each in projects.values() if each.name}
        resolved = resolved.without(own)
        return Pins(requirements=resolved.pins, runtimes=(resolved.environment(project.directory, requires),))
