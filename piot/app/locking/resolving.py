"""What Python projects ask for, resolved by pip and told by the index: what ``piot lock`` pins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.effects.http import Http
from piot.effects.pip_config import pip_settings
from piot.errors import MachineError
from piot.model.pins import ToolPin
from piot.model.python.index import IndexFile
from piot.model.python.pyproject import KNOWN_PYTHONS, Pyproject, python_versions
from piot.run import lock as tools
from piot.run.fetch.index import project_files
from piot.run.requirements import Resolved, resolve


class Resolver:
    """Resolves for one project after the other; each third-party project is asked of the index once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._indexed: dict[str, tuple[IndexFile, ...]] = {}

    def resolved(self, project: Pyproject, requirements: Sequence[str], python: str = "") -> Resolved:
        """What ``requirements`` come to for a Python of this machine, and everywhere.

        The Python fulfils the project's requires-python and ``python``. Raises MachineError when there is
        none, InputError when there is no solution.
        """
        return resolve(
            tuple(dict.fromkeys(requirements)),
            self._interpreter(project, python),
            python_versions(project.requires_python) if project.requires_python else KNOWN_PYTHONS,
            self._files_of,
            env=self._session.where.environ,
        )

    def _interpreter(self, project: Pyproject, python: str) -> Path:
        found = Tooling(self._session).interpreters(tuple(filter(None, (project.requires_python, python))))
        if isinstance(found, tuple):
            lacks = "\n".join(f"  - {lack}" for lack in found)
            raise MachineError(f"no Python on this machine can build {project.directory}:\n{lacks}")
        return Path(found.tool.program(found.tool.name))

    def _files_of(self, name: str, version: str) -> ToolPin:
        http, url = self._index
        if name not in self._indexed:
            self._indexed[name] = project_files(http, url, name)
        return tools.pin(name, version, self._indexed[name])

    @cached_property
    def _index(self) -> tuple[Http, str]:
        settings = pip_settings(self._session.where.environ)
        return Http(proxy=settings.proxy, cainfo=settings.cert), settings.url
