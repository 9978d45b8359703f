"""Packages of npm: from npm's own cache, from the registry that npm is set to use, or through npm itself."""

from __future__ import annotations

import posixpath
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from piot.effects.http import Http, without_secrets
from piot.effects.npm_config import PATIENCE, QUIET, NpmConfig
from piot.effects.peek import files_like, read_if_there, scratch_folder
from piot.effects.process import run
from piot.errors import MachineError
from piot.model.fetch import NpmFetch


class NpmPackages:
    """Gets packages the way npm would in ``root``; safe to call from many threads."""

    def __init__(self, root: Path, *, env: Mapping[str, str], http: Callable[[NpmConfig], Http]) -> None:
        self._root = root
        self._env = env
        self._make_http = http
        self._lock = threading.Lock()
        self._configs: dict[str, NpmConfig] = {}
        self._clients: dict[str, Http] = {}

    def cached(self, spec: NpmFetch) -> bytes | None:
        """The package from npm's cache; None when it does not have these very bytes."""
        data = read_if_there(self._config(spec).cache / spec.content_path)
        return data if data is not None and spec.came(data) == spec.integrity else None

    def download(self, spec: NpmFetch) -> tuple[bytes, str]:
        """The package over the network, not yet verified, and the address it came from.

        Registries that want a token, or have files elsewhere than usual, are left to npm. Raises
        MachineError when npm cannot get it either.
        """
        config = self._config(spec)
        base = posixpath.basename(spec.name)
        usual = f"{config.registry(spec.name)}/{spec.name}/-/{base}-{spec.version}.tgz"
        headers = {"Accept-Encoding": "identity"}
        answer = self._client(spec, config).get(spec.address or usual, headers=headers)
        if answer.status == 200:
            return answer.body, without_secrets(answer.url)
        return self._by_npm(spec, config, f"the registry answered {answer.status}"), "npm"

    def close(self) -> None:
        """Close the connections to registries."""
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    def _by_npm(self, spec: NpmFetch, config: NpmConfig, reason: str) -> bytes:
        with scratch_folder() as folder:
            wanted = spec.address or f"{spec.name}@{spec.version}"
            argv = (config.npm, "pack", "--ignore-scripts", "--pack-destination", str(folder), "--", wanted)
            done = run(argv, cwd=config.folder, env={**self._env, **QUIET}, timeout=PATIENCE)
            for path in files_like(folder, "*.tgz"):
                return read_if_there(path) or b""
        raise MachineError(
            f"cannot fetch {spec}: {reason}, and npm could not get it either:\n{done.complaint}",
            hint="see `npm config get registry` and `npm whoami`",
        )

    def _config(self, spec: NpmFetch) -> NpmConfig:
        with self._lock:
            if spec.directory not in self._configs:
                self._configs[spec.directory] = NpmConfig.read(self._root / spec.directory, self._env)
            return self._configs[spec.directory]

    def _client(self, spec: NpmFetch, config: NpmConfig) -> Http:
        with self._lock:
            if spec.directory not in self._clients:
                self._clients[spec.directory] = self._make_http(config)
            return self._clients[spec.directory]
