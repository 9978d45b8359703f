"""``[piot.registry.<name>]``: registries that no client of an ecosystem knows, or that it knows otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast, get_args

from piot.errors import InputError, listed, near
from piot.model.package import Kind
from piot.model.release.registry import STANDARD
from piot.model.settings import FreeValue, RegistrySpec

_KEYS = ("kind", "index", "upload", "packages", "stage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A table that makes sense; ``packages`` go there without being told on the command line."""

    name: str
    kind: Kind
    index: str | None = field(default=None, repr=False)
    upload: str | None = field(default=None, repr=False)
    packages: tuple[str, ...] = ()
    stage: bool = False
    trusted: bool = False


def read_specs(specs: Sequence[RegistrySpec]) -> dict[str, Spec]:
    """By name; raises InputError for the first one that says too little, or something unknown."""
    return {spec.name: _read(spec) for spec in specs}


def _read(spec: RegistrySpec) -> Spec:
    values, title = dict(spec.values), f"[piot.registry.{spec.name}]"
    for key in values:
        if key not in _KEYS and not spec.trusted:
            hint = near(key, _KEYS) or f"known are {listed(_KEYS)}"
            raise InputError(f'{title}: there is no key "{key}"', hint=hint)
    standard = next((kind for kind, name in STANDARD.items() if name == spec.name), None)
    kind = values.get("kind", standard)
    if kind not in get_args(Kind):
        raise InputError(f'{title}: "kind" is missing', hint='write kind = "crates", "pypi" or "npm"')
    index, upload = _address(title, values, "index"), _address(title, values, "upload")
    if index is None and standard is None:
        raise InputError(
            f'{title}: "index" is missing', hint="write the address that packages are looked up at"
        )
    if kind == "pypi" and standard is None and upload is None:
        raise InputError(f'{title}: "upload" is missing', hint="write the address that files are sent to")
    return Spec(
        name=spec.name,
        kind=cast("Kind", kind),
        index=None if index is None else _shaped(index, cast("Kind", kind)),
        upload=upload,
        packages=_names(title, values.get("packages", ())),
        stage=_stage(title, cast("Kind", kind), values.get("stage", False)),
        trusted=spec.trusted,
    )


def _shaped(index: str, kind: Kind) -> str:
    """An index of cargo in cargo's spelling, where that of a sparse index says so."""
    if kind != "crates":
        return index.removesuffix("/")
    return index if index.startswith("sparse+") else f"sparse+{index}"


def _stage(title: str, kind: Kind, value: FreeValue) -> bool:
    if not isinstance(value, bool):
        raise InputError(f'{title}: "stage" is neither true nor false')
    if value and kind != "npm":
        raise InputError(f'{title}: only registries of npm know "stage"', hint="take it out")
    return value


def _address(title: str, values: dict[str, FreeValue], key: str) -> str | None:
    value = values.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or "://" not in value:
        raise InputError(f'{title}: "{key}" is no address', hint=f'write {key} = "https://…"')
    return value


def _names(title: str, value: FreeValue) -> tuple[str, ...]:
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return cast("tuple[str, ...]", value)
    raise InputError(f'{title}: "packages" is no list of names', hint='write packages = ["my-package"]')
