"""The ``.crate`` files of cargo registries: from cargo's cache, from disk, from the network."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from piot.effects.cargo_config import CRATES_IO, CargoConfig, Place, registry_variable
from piot.effects.http import Answer, Http, without_secrets
from piot.effects.peek import files_like, read_if_there
from piot.errors import MachineError
from piot.model.cargo.index import IndexSettings, prefix
from piot.model.fetch import CrateFetch
from piot.run.fetch.git import head_file
from piot.run.fetch.tars import Entry, packed

_MARKERS = ("{crate}", "{version}", "{prefix}", "{lowerprefix}", "{sha256-checksum}")


class Crates:
    """Gets crates the way cargo would in ``root``; safe to call from many threads."""

    def __init__(self, root: Path, *, env: Mapping[str, str], http: Callable[[CargoConfig], Http]) -> None:
        self._root = root
        self._env = env
        self._make_http = http
        self._lock = threading.Lock()
        self._config: CargoConfig | None = None
        self._http: Http | None = None
        self._settings: dict[str, IndexSettings] = {}

    def on_disk(self, spec: CrateFetch) -> bytes | None:
        """The crate from cargo's cache or a local registry; None when neither has these very bytes."""
        caches = files_like(self._cargo().home / "registry" / "cache", f"*/{spec.filename}")
        local = self._place(spec).local
        for path in (*caches, *([local / spec.filename] if local else [])):
            data = read_if_there(path)
            if data is not None and hashlib.sha256(data).hexdigest() == spec.sha256:
                return data
        return None

    def vendored(self, spec: CrateFetch) -> bytes | None:
        """A crate packed anew from a directory source; None when cargo is not set to use one.

        The bytes are not those of the registry: what is trusted is the ``.cargo-checksum.json`` beside
        the sources, which names the same checksum. Raises MachineError when it does not have the crate.
        """
        place = self._place(spec)
        return None if place.directory is None else _from_directory(place.directory, spec)

    def download(self, spec: CrateFetch) -> tuple[bytes, str]:
        """The crate over the network, not yet verified, and the address it came from.

        Raises MachineError when the registry does not give it.
        """
        place = self._place(spec)
        if place.index is None:
            raise MachineError(f"{spec} is not in the local registry {place.local}", hint="run `cargo fetch`")
        settings = self._registry(place.index, place)
        url = download_url(settings.dl, spec)
        headers = {"Accept-Encoding": "identity"}
        if settings.auth_required:
            headers["Authorization"] = self._token(place)
        answer = self._client().get(url, headers=headers)
        if answer.status != 200:
            raise MachineError(f"cannot fetch {spec}: {_refusal(answer)}", hint=_by_cargo(spec))
        return answer.body, without_secrets(answer.url)

    def close(self) -> None:
        """Close the connections to registries."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def _cargo(self) -> CargoConfig:
        with self._lock:
            if self._config is None:
                self._config = CargoConfig.read(self._root, self._env)
            return self._config

    def _place(self, spec: CrateFetch) -> Place:
        return self._cargo().place(spec.registry)

    def _client(self) -> Http:
        config = self._cargo()
        with self._lock:
            if self._http is None:
                self._http = self._make_http(config)
            return self._http

    def _registry(self, index: str, place: Place) -> IndexSettings:
        # Two threads may both ask once; that is cheaper than one waiting for another registry's answer.
        if index not in self._settings:
            self._settings[index] = self._ask(index, place)
        return self._settings[index]

    def _ask(self, index: str, place: Place) -> IndexSettings:
        if not index.startswith("sparse+"):
            return _settings(index, head_file(index, "config.json", env=self._env))
        url = f"{index.removeprefix('sparse+').rstrip('/')}/config.json"
        answer = self._client().get(url)
        if answer.status in (401, 403):
            answer = self._client().get(url, headers={"Authorization": self._token(place)})
        if answer.status != 200:
            raise MachineError(f"the registry index {without_secrets(url)} is not there: {_refusal(answer)}")
        return _settings(url, answer.body)

    def _token(self, place: Place) -> str:
        if (token := self._cargo().token(place.registry)) is not None:
            return token
        if place.registry is None:
            shown = without_secrets(place.index or "")
            raise MachineError(
                f"the registry {shown} asks for a token, but has no name in cargo's configuration",
                hint="define [registries.<name>] with this index in .cargo/config.toml",
            )
        variable = registry_variable(place.registry, "TOKEN")
        raise MachineError(
            f'the registry "{place.registry}" asks for a token and there is none',
            hint=f"run `cargo login --registry {place.registry}` or set "
            f"{'CARGO_REGISTRY_TOKEN' if place.registry == CRATES_IO else variable}",
        )


def download_url(dl: str, spec: CrateFetch) -> str:
    """The address of a crate by its registry's ``dl`` template (cargo reference, *Index Configuration*)."""
    if not any(marker in dl for marker in _MARKERS):
        return f"{dl}/{spec.name}/{spec.version}/download"
    values = (spec.name, spec.version, prefix(spec.name), prefix(spec.name.lower()), spec.sha256)
    for marker, value in zip(_MARKERS, values, strict=True):
        dl = dl.replace(marker, value)
    return dl


def _settings(index: str, data: bytes | None) -> IndexSettings:
    try:
        return IndexSettings.parse(data or b"")
    except ValueError as error:
        raise MachineError(f"{without_secrets(index)} is no registry: {error}") from error


def _from_directory(directory: Path, spec: CrateFetch) -> bytes:
    for name in (f"{spec.name}-{spec.version}", spec.name):
        checksums = read_if_there(directory / name / ".cargo-checksum.json")
        if checksums is None:
            continue
        said = cast("Mapping[str, object]", json.loads(checksums))
        if said.get("package") == spec.sha256:
            return _packed(directory / name, spec, cast("Mapping[str, str]", said.get("files", {})))
    raise MachineError(
        f"{spec} is not in the vendored sources {directory}",
        hint="run `cargo vendor` again and commit the result",
    )


def _packed(folder: Path, spec: CrateFetch, sums: Mapping[str, str]) -> bytes:
    entries: dict[str, Entry] = {}
    for path in files_like(folder, "**/*"):
        name = path.relative_to(folder).as_posix()
        data = read_if_there(path) or b""
        if name in sums and hashlib.sha256(data).hexdigest() != sums[name]:
            raise MachineError(f"{path} was changed after it was vendored", hint="run `cargo vendor` again")
        entries[f"{spec.name}-{spec.version}/{name}"] = Entry(data=data)
    return packed(entries)


def _refusal(answer: Answer) -> str:
    return f"{without_secrets(answer.url)} answered {answer.status}"


def _by_cargo(spec: CrateFetch) -> str:
    return f"if cargo itself can get it, run `cargo fetch`: {spec.filename} is then taken from cargo's cache"
