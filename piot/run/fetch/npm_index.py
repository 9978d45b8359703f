"""What a registry of npm tells of the files of its packages: their integrities."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from piot.effects.http import Http
from piot.effects.npm_config import PATIENCE, QUIET, NpmConfig
from piot.effects.process import run
from piot.errors import InputError, listed
from piot.model.fetch import NpmFetch
from piot.model.npm.packument import Packument, escaped

_SHORT = {"Accept": "application/vnd.npm.install-v1+json, application/json;q=0.8"}
"""Asks for no more of a package than who installs it needs (npm registry docs, *package-metadata*)."""
_AT_ONCE = 8


class NpmIndex:
    """Asks as npm would in ``folder``: which registry has what, and how it is reached."""

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str],
        http: Callable[[NpmConfig], Http] = lambda config: Http(proxy=config.proxy, cainfo=config.cainfo),
    ) -> None:
        self._env = env
        self._config = NpmConfig.read(folder, env)
        self._http = http(self._config)

    def integrities(self, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The integrity of each version by name and version; every name is asked for once.

        Raises InputError with all that the registry does not have, or tells no strong hash of.
        """
        from concurrent.futures import ThreadPoolExecutor

        versions = defaultdict[str, list[str]](list)
        for name, version in wanted:
            versions[name].append(version)
        try:
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                answers = [*pool.map(self._of, versions.keys(), versions.values())]
        finally:
            self._http.close()
        found = {pair: integrity for answer in answers for pair, integrity in answer.items()}
        if lacks := [f"{name} {version}" for (name, version), said in found.items() if said is None]:
            raise InputError(
                f"the registry of npm tells no sha512 of {listed(lacks)}",
                hint="see `npm config get registry`: it must be one that has these packages",
            )
        return {pair: integrity for pair, integrity in found.items() if integrity is not None}

    def _of(self, name: str, versions: list[str]) -> dict[tuple[str, str], str | None]:
        answer = self._http.get(f"{self._config.registry(name)}/{escaped(name)}", headers=_SHORT)
        if answer.status != 200:
            return {(name, version): self._by_npm(name, version) for version in versions}
        try:
            told = {each.version: each.integrity for each in Packument.parse(answer.body).versions}
        except ValueError:
            told = {}
        return {(name, version): told.get(version) for version in versions}

    def _by_npm(self, name: str, version: str) -> str | None:
        """Registries that want a token are left to npm."""
        argv = (self._config.npm, "view", "--json", "--", f"{name}@{version}", "dist.integrity")
        done = run(argv, cwd=self._config.folder, env={**self._env, **QUIET}, timeout=PATIENCE)
        try:
            said: object = json.loads(done.stdout or "null")
        except ValueError:
            return None
        return NpmFetch.strongest(said) if isinstance(said, str) else None
