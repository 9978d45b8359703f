"""Credentials of cargo: variables, its credentials file, and credential providers, which are not asked.

The Cargo book: *Registry Authentication*, *Configuration* (``registry.token``, ``registries.<name>.token``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.effects.peek import read_if_there
from piot.inspect.doctor.credential import Credential
from piot.model.tables import table_at

MAIN = "CARGO_REGISTRY_TOKEN"
_OTHER = re.compile(r"CARGO_REGISTRIES_([A-Z0-9_]+)_TOKEN")
_PROVIDER = re.compile(r"CARGO_REGISTRIES_([A-Z0-9_]+)_CREDENTIAL_PROVIDER")
_BUILT_IN = "cargo:token"

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoPlaces:
    """Where cargo looks: its home, and the folders whose ``.cargo/config.toml`` count, the nearest first."""

    home: Path
    folders: tuple[Path, ...]


def cargo(
    places: CargoPlaces, environ: Mapping[str, str], packages: tuple[str, ...]
) -> tuple[Credential, ...]:
    """All that cargo could publish with; ``packages`` are the crates of this repository."""
    return (
        *_variables(environ, packages),
        *_stored(places.home, packages),
        *_providers(places, environ, packages),
    )


def _variables(environ: Mapping[str, str], packages: tuple[str, ...]) -> Iterator[Credential]:
    for name, value in sorted(environ.items()):
        if name == MAIN:
            yield _token(f"the variable {name}", None, value, packages)
        elif match := _OTHER.fullmatch(name):
            yield _token(f"the variable {name}", match[1].lower().replace("_", "-"), value, packages)


def _token(place: str, registry: str | None, value: object, packages: tuple[str, ...]) -> Credential:
    """``registry`` is None for crates.io, which is where packages go unless told."""
    text = value.strip() if isinstance(value, str) else ""
    temporary = " (short-lived, of a trusted publisher)" if text.startswith("cio_tp_") else ""
    covers = f"crates of its owner on {registry or 'crates.io'}{temporary}"
    return Credential(
        kind="crates",
        means="token",
        place=place,
        covers=covers,
        packages=packages if registry is None else (),
        flaw="" if text else "is empty",
    )


def _stored(home: Path, packages: tuple[str, ...]) -> Iterator[Credential]:
    """cargo reads the file without extension when both are there."""
    paths = (home / "credentials", home / "credentials.toml")
    found = next(((path, data) for path in paths if (data := read_if_there(path)) is not None), None)
    if found is None:
        return
    path, data = found
    table = _toml(data)
    if table is None:
        flaw = "is not valid TOML"
        yield Credential(kind="crates", means="token", place=str(path), covers="nothing", flaw=flaw)
        return
    if "token" in (main := table_at(table, "registry")):
        yield _token(str(path), None, main["token"], packages)
    for name in sorted(table_at(table, "registries")):
        entry = table_at(table_at(table, "registries"), name)
        if "token" in entry:
            yield _token(f"{path} [registries.{name}]", name, entry["token"], packages)


def _providers(
    places: CargoPlaces, environ: Mapping[str, str], packages: tuple[str, ...]
) -> Iterator[Credential]:
    """Programs that cargo would ask; the built-in one reads the files above."""
    folders = dict.fromkeys((*places.folders, places.home))
    paths = [folder / name for folder in folders for name in ("config", "config.toml")]
    named = [*_provider_variables(environ), *(each for path in paths for each in _provider_settings(path))]
    for place, value, registry in named:
        if value not in (_BUILT_IN, [_BUILT_IN]):
            yield Credential(
                kind="crates",
                means="credential provider",
                place=place,
                covers="crates.io" if registry is None else f"registry {registry}",
                packages=packages if registry is None else (),
            )


def _provider_variables(environ: Mapping[str, str]) -> Iterator[tuple[str, object, str | None]]:
    """Place, value and registry (None for crates.io) of each."""
    for name, value in sorted(environ.items()):
        if name == "CARGO_REGISTRY_CREDENTIAL_PROVIDER":
            yield f"the variable {name}", value, None
        elif match := _PROVIDER.fullmatch(name):
            yield f"the variable {name}", value, match[1].lower().replace("_", "-")


def _provider_settings(path: Path) -> Iterator[tuple[str, object, str | None]]:
    table = _toml(read_if_there(path) or b"") or {}
    main, others = table_at(table, "registry"), table_at(table, "registries")
    for key in ("credential-provider", "global-credential-providers"):
        if key in main:
            yield f"{path} registry.{key}", main[key], None
    for name in sorted(others):
        if (value := table_at(others, name).get("credential-provider")) is not None:
            yield f"{path} registries.{name}.credential-provider", value, name


def _toml(data: bytes) -> Table | None:
    """None when it is no TOML; what is wrong is not said, since the line may hold a token."""
    import tomli

    try:
        return tomli.loads(data.decode())
    except (UnicodeDecodeError, tomli.TOMLDecodeError):
        return None
