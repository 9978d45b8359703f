"""Cargo's own configuration: where crates come from, through which proxy, with which token.

The rules are those of the cargo reference, chapters *Configuration*, *Source Replacement* and
*Registry Authentication*.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from piot.effects.peek import read_if_there
from piot.errors import InputError, near
from piot.model.tables import table_at

Table = Mapping[str, object]

CRATES_IO = "crates-io"
"""The name of cargo's built-in registry; its host names are this name with a dot."""
_VARIABLES = "CARGO_REGISTRIES_"
_HOST = CRATES_IO.replace("-", ".")
CRATES_IO_GIT = f"registry+https://github.com/rust-lang/{_HOST}-index"
CRATES_IO_SPARSE = f"sparse+https://index.{_HOST}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the crates of a registry really are, after source replacement; exactly one of the three.

    ``index`` is an index address (``sparse+…`` or the URL of a git index), ``registry`` the name under
    which tokens for it are kept (None when the configuration has no name for it).
    """

    index: str | None = None
    registry: str | None = None
    local: Path | None = None
    directory: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoConfig:
    """The merged configuration files for one folder, and the environment that overrides them."""

    home: Path
    table: Table
    credentials: Table = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, root: Path, env: Mapping[str, str]) -> CargoConfig:
        """The configuration that cargo would use in ``root``: nearest file first, CARGO_HOME's last.

        Raises InputError when a file is not TOML.
        """
        home = cargo_home(env)
        folders = [folder / ".cargo" for folder in (root, *root.parents)]
        merged: Table = {}
        for folder in dict.fromkeys([*folders, home]):
            merged = _merge(merged, _read_config(folder))
        return cls(home=home, table=merged, credentials=_read_first(home, "credentials"), env=env)

    @property
    def proxy(self) -> str | None:
        """``http.proxy``; without a scheme cargo means http."""
        proxy = self.env.get("CARGO_HTTP_PROXY") or _text(table_at(self.table, "http"), "proxy")
        return f"http://{proxy}" if proxy and "://" not in proxy else proxy or None

    @property
    def cainfo(self) -> Path | None:
        """``http.cainfo``: a PEM file that replaces the usual certificate authorities."""
        path = self.env.get("CARGO_HTTP_CAINFO") or _text(table_at(self.table, "http"), "cainfo")
        return Path(path) if path else None

    def place(self, source: str) -> Place:
        """Where the crates of a ``source`` of ``Cargo.lock`` come from.

        Raises InputError when source replacement names something unknown or runs in a circle.
        """
        name = self._source_name(source)
        if name is None:
            return Place(index=source.removeprefix("registry+"), registry=self._registry_name(source))
        seen = [name]
        while (following := _text(self._source(name), "replace-with")) is not None:
            name = following
            if name in seen:
                raise InputError(f"cargo's source replacement runs in a circle: {' -> '.join([*seen, name])}")
            seen.append(name)
        return self._place_of(name)

    def token(self, registry: str | None) -> str | None:
        """The token of a registry: from its variable, else from cargo's credentials file."""
        if registry is None:
            return None
        if registry == CRATES_IO:
            stored = _text(table_at(self.credentials, "registry"), "token")
            variable = "CARGO_REGISTRY_TOKEN"
        else:
            stored = _text(table_at(table_at(self.credentials, "registries"), registry), "token")
            variable = registry_variable(registry, "TOKEN")
        return self.env.get(variable) or stored

    def _place_of(self, name: str) -> Place:
        source = self._source(name)
        for key in ("local-registry", "directory"):
            if (path := _text(source, key)) is not None:
                return Place(local=Path(path)) if key == "local-registry" else Place(directory=Path(path))
        index = _text(source, "registry") or self.index(name)
        if index is None:
            known = sorted({CRATES_IO, *table_at(self.table, "source"), *table_at(self.table, "registries")})
            raise InputError(
                f'cargo\'s configuration replaces a source by "{name}", which it does not define',
                hint=near(name, known) or f"define [source.{name}] or [registries.{name}] beside it",
            )
        plain = index.removeprefix("registry+")
        return Place(index=plain, registry=self._registry_name(plain) or name)

    def _source(self, name: str) -> Table:
        return table_at(table_at(self.table, "source"), name)

    @property
    def registries(self) -> tuple[str, ...]:
        """The names that registries have in files and in variables, cargo's own left out."""
        ending = "_INDEX"
        variables = (each for each in self.env if each.startswith(_VARIABLES) and each.endswith(ending))
        named = (each[len(_VARIABLES) : -len(ending)].lower().replace("_", "-") for each in variables)
        return tuple(dict.fromkeys((*table_at(self.table, "registries"), *named)))

    def index(self, name: str) -> str | None:
        """The index of a registry as ``registries.<name>.index`` says; None when nobody defines it."""
        if index := self.env.get(registry_variable(name, "INDEX")):
            return index
        if index := _text(table_at(table_at(self.table, "registries"), name), "index"):
            return index
        return CRATES_IO_SPARSE if name == CRATES_IO else None

    def _source_name(self, source: str) -> str | None:
        """The name in ``[source]`` of a source text; crates-io always has one."""
        if _same_index(source, CRATES_IO_GIT) or _same_index(source, CRATES_IO_SPARSE):
            return CRATES_IO
        for name in table_at(self.table, "source"):
            registry = _text(self._source(name), "registry")
            if registry is not None and _same_index(registry, source):
                return name
        registry = self._registry_name(source)
        return registry if registry is not None and self._source(registry) else None

    def _registry_name(self, index: str) -> str | None:
        if _same_index(index, CRATES_IO_GIT) or _same_index(index, CRATES_IO_SPARSE):
            return CRATES_IO
        for name in self.registries:
            found = self.index(name)
            if found is not None and _same_index(found, index):
                return name
        return None


def cargo_home(env: Mapping[str, str]) -> Path:
    """``CARGO_HOME``, else ``~/.cargo``."""
    home = env.get("CARGO_HOME")
    return Path(home) if home else Path(os.path.expanduser("~")) / ".cargo"  # noqa: PTH111 (never raises)


def registry_variable(registry: str, what: str) -> str:
    """``CARGO_REGISTRIES_<NAME>_<WHAT>``, spelled as cargo spells it."""
    return f"CARGO_REGISTRIES_{registry.upper().replace('-', '_')}_{what}"


def _read_config(folder: Path) -> Table:
    table = _read_first(folder, "config")
    # Paths in a file are relative to the folder that holds `.cargo`.
    return _rooted(table, folder.parent)


def _rooted(table: Table, base: Path) -> Table:
    result = dict(table)
    sources: dict[str, object] = {}
    for name in table_at(table, "source"):
        source = dict(table_at(table_at(table, "source"), name))
        for key in ("local-registry", "directory"):
            if (path := _text(source, key)) is not None:
                source[key] = str(base / path)
        sources[name] = source
    if sources:
        result["source"] = sources
    http = dict(table_at(table, "http"))
    if (cainfo := _text(http, "cainfo")) is not None:
        result["http"] = {**http, "cainfo": str(base / cainfo)}
    return result


def _read_first(folder: Path, stem: str) -> Table:
    """``<stem>`` or ``<stem>.toml``: cargo reads the one without extension when both are there."""
    import tomli

    for path in (folder / stem, folder / f"{stem}.toml"):
        if (data := read_if_there(path)) is None:
            continue
        try:
            return tomli.loads(data.decode("utf-8"))
        except (UnicodeDecodeError, tomli.TOMLDecodeError) as error:
            raise InputError(f"cannot read {path}: {error}") from error
    return {}


def _merge(near_table: Table, far: Table) -> Table:
    result = dict(far)
    for key, value in near_table.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merge(table_at(near_table, key), table_at(far, key))
        else:
            result[key] = value
    return result


def _text(table: Table, key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) else None


def _same_index(one: str, other: str) -> bool:
    return one.removeprefix("registry+").rstrip("/") == other.removeprefix("registry+").rstrip("/")
