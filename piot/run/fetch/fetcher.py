"""From what is pinned to bytes in the store: fetched once, verified always."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from piot.errors import InputError, MachineError
from piot.model.digest import Digest
from piot.model.fetch import CargoGitFetch, CrateFetch, Fetch, NpmFetch, PypiFetch

if TYPE_CHECKING:
    from piot.effects.http import Http
    from piot.run.fetch.crates import Crates
    from piot.run.fetch.npm import NpmPackages

_GIT_FORMAT = b"1"
"""Raised when the same git source gives other bytes (how it is packed, how manifests are made whole)."""


class BlobStore(Protocol):
    """What fetching needs of the store; ``LocalStore`` has it."""

    def put_bytes(self, data: bytes) -> Digest: ...
    def has(self, digest: Digest) -> bool: ...
    def read(self, digest: Digest) -> bytes: ...
    def get_memo(self, name: str, key: bytes) -> bytes | None: ...
    def put_memo(self, name: str, key: bytes, value: bytes) -> None: ...


class Reach(Protocol):
    """How an ecosystem's configuration says that registries are reached."""

    @property
    def proxy(self) -> str | None: ...

    @property
    def cainfo(self) -> Path | None: ...


class Fetcher:
    """Brings pinned blobs into ``store``; safe to call from many threads, each blob is fetched once.

    ``root`` is the repository whose ``.cargo/config.toml`` counts. With ``offline`` only what this machine
    already has is used. ``report`` gets one line per download.
    """

    def __init__(
        self,
        store: BlobStore,
        *,
        root: Path,
        offline: bool,
        report: Callable[[str], None],
        env: Mapping[str, str] | None = None,
        http: Callable[[Reach], Http] | None = None,
    ) -> None:
        self._store = store
        self._offline = offline
        self._report = report
        self._env = os.environ if env is None else env
        self._root = root
        self._http = http or _client
        self._guard = threading.Lock()
        self._busy: dict[object, threading.Lock] = {}

    def fetch(self, spec: Fetch) -> Digest:
        """The blob of ``spec`` in the store: a ``.crate``, a wheel, a ``.tgz``, a tar of a git crate.

        Raises MachineError when it cannot be had, InputError when what came has another hash.
        """
        with self._alone(spec):
            match spec:
                case CrateFetch():
                    return self._known(spec.sha256) or self._crate(spec)
                case PypiFetch():
                    return self._known(spec.sha256) or self._wheel(spec)
                case CargoGitFetch():
                    return self._git_crate(spec)
                case NpmFetch():
                    return self._remembered("npm", spec.integrity.encode()) or self._npm_package(spec)

    def close(self) -> None:
        """Close the connections to registries; the fetcher may be used again."""
        for name in ("_crates", "_npm"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def has(self, spec: Fetch) -> bool:
        """Whether ``fetch`` would do no work."""
        if isinstance(spec, CargoGitFetch):
            return self._remembered("git-crate", _git_key(spec, spec.name)) is not None
        if isinstance(spec, NpmFetch):
            return self._remembered("npm", spec.integrity.encode()) is not None
        return self._known(spec.sha256) is not None

    @cached_property
    def _crates(self) -> Crates:
        from piot.run.fetch.crates import Crates

        return Crates(self._root, env=self._env, http=self._http)

    @cached_property
    def _npm(self) -> NpmPackages:
        from piot.run.fetch.npm import NpmPackages

        return NpmPackages(self._root, env=self._env, http=self._http)

    def _npm_package(self, spec: NpmFetch) -> Digest:
        data, origin = self._npm.cached(spec), "npm's cache"
        if data is None:
            self._online(spec)
            data, origin = self._npm.download(spec)
            _compare(spec.integrity, spec.came(data), spec, origin)
        return self._remember("npm", spec.integrity.encode(), data)

    def _crate(self, spec: CrateFetch) -> Digest:
        if (data := self._crates.on_disk(spec)) is not None:
            return self._keep(data, spec.sha256)
        if (data := self._crates.vendored(spec)) is not None:
            return self._store.put_bytes(data)
        self._online(spec)
        data, origin = self._crates.download(spec)
        _verify(data, spec.sha256, spec, origin)
        return self._keep(data, spec.sha256)

    def _wheel(self, spec: PypiFetch) -> Digest:
        from piot.run.fetch import pypi

        self._online(spec)
        data = pypi.download(spec, env=self._env)
        _verify(data, spec.sha256, spec, "pip's index")
        return self._keep(data, spec.sha256)

    def _git_crate(self, spec: CargoGitFetch) -> Digest:
        key = _git_key(spec, spec.name)
        if (known := self._remembered("git-crate", key)) is not None:
            return known
        from piot.run.fetch.git_crate import crate_of
        from piot.run.fetch.tars import packed, unpacked

        whole = unpacked(self._store.read(self._git_repository(spec)))
        return self._remember("git-crate", key, packed(crate_of(whole, spec)))

    def _git_repository(self, spec: CargoGitFetch) -> Digest:
        key = _git_key(spec)
        with self._alone((spec.url, spec.revision)):
            if (known := self._remembered("git-source", key)) is not None:
                return known
            from piot.run.fetch.git import repository
            from piot.run.fetch.tars import packed

            self._online(spec)
            entries = repository(spec.url, spec.revision, env=self._env)
            return self._remember("git-source", key, packed(entries))

    def _known(self, sha256: str) -> Digest | None:
        size = self._store.get_memo("fetched", sha256.encode())
        digest = Digest(sha256, int(size)) if size is not None else None
        return digest if digest is not None and self._store.has(digest) else None

    def _keep(self, data: bytes, sha256: str) -> Digest:
        digest = self._store.put_bytes(data)
        self._store.put_memo("fetched", sha256.encode(), str(digest.size).encode())
        return digest

    def _remembered(self, name: str, key: bytes) -> Digest | None:
        said = self._store.get_memo(name, key)
        digest = Digest.parse(said.decode()) if said is not None else None
        return digest if digest is not None and self._store.has(digest) else None

    def _remember(self, name: str, key: bytes, data: bytes) -> Digest:
        digest = self._store.put_bytes(data)
        self._store.put_memo(name, key, str(digest).encode())
        return digest

    def _online(self, spec: Fetch) -> None:
        if self._offline:
            raise MachineError(
                f"{spec} is not on this machine, and --offline forbids to fetch it",
                hint="run `piot fetch` (or `piot build` without --offline) once with network",
            )
        self._report(f"fetching {spec}")

    def _alone(self, key: object) -> threading.Lock:
        with self._guard:
            return self._busy.setdefault(key, threading.Lock())


def _git_key(spec: CargoGitFetch, *crate: str) -> bytes:
    """What is remembered of a revision, or of one crate in it."""
    return "\0".join((spec.url, spec.revision, *crate)).encode() + _GIT_FORMAT


def _verify(data: bytes, sha256: str, spec: Fetch, origin: str) -> None:
    _compare(f"sha256 {sha256}", f"sha256 {hashlib.sha256(data).hexdigest()}", spec, origin)


def _compare(pinned: str, came: str, spec: Fetch, origin: str) -> None:
    if came != pinned:
        raise InputError(
            f"{spec} from {origin} is not what was pinned:\n  pinned {pinned}\n  came   {came}",
            hint="somebody changed the file or something on the way did: find out before you build with it",
        )


def _client(config: Reach) -> Http:
    from piot.effects.http import Http

    return Http(proxy=config.proxy, cainfo=config.cainfo)
