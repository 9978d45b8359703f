"""Integrities of npm packages in ``piot.lock``, for lock files that have none: those of Yarn 2 and later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from piot.errors import InputError
from piot.model.build_pins import Fault
from piot.model.fetch import NpmFetch
from piot.model.tables import as_table

KEYS = ("lock", "packages")
PACKAGE_KEYS = ("name", "version", "integrity")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmHashes:
    """The packages of the lock file ``path``, each as (name, version, integrity), sorted."""

    path: str
    packages: tuple[tuple[str, str, str], ...]

    @property
    def by_version(self) -> dict[tuple[str, str], str]:
        """Integrity by name and version."""
        return {(name, version): integrity for name, version, integrity in self.packages}


def hash_lines(found: Iterable[NpmHashes]) -> Iterator[str]:
    """The text of all ``[[npm]]`` tables, sorted by path."""
    for each in sorted(found, key=lambda one: one.path):
        yield f"\n[[npm]]\nlock = {json.dumps(each.path)}\npackages = [\n"
        for package in sorted(each.packages):
            pairs = zip(PACKAGE_KEYS, package, strict=True)
            yield f"    {{ {', '.join(f'{key} = {json.dumps(text)}' for key, text in pairs)} }},\n"
        yield "]\n"


def read_hashes(tables: Iterable[tuple[int, Mapping[str, object]]], say: Fault) -> tuple[NpmHashes, ...]:
    """The values of ``[[npm]]`` tables, each with its line."""
    found: dict[str, NpmHashes] = {}
    for line, table in tables:
        path, rows = table.get("lock"), table.get("packages")
        if not isinstance(path, str) or not isinstance(rows, list):
            say(line, "PIOT_LOCK_VALUE", "an [[npm]] has lock and packages")
            continue
        if path in found:
            say(line, "PIOT_LOCK_TWICE", f"the packages of {path} are pinned twice")
        packages = (_package(row, line, say) for row in cast("list[object]", rows))
        found[path] = NpmHashes(path=path, packages=tuple(sorted(filter(None, packages))))
    return tuple(found[path] for path in sorted(found))


def _package(row: object, line: int, say: Fault) -> tuple[str, str, str] | None:
    values = as_table(row)
    name, version, integrity = (str(values.get(key, "")) for key in PACKAGE_KEYS)
    if {*values} != {*PACKAGE_KEYS} or not name or not version:
        say(line, "PIOT_LOCK_VALUE", f"not a package with name, version and integrity: {row!r}")
        return None
    try:
        NpmFetch(name=name, version=version, integrity=integrity)
    except InputError as error:
        say(line, "PIOT_LOCK_VALUE", error.message)
        return None
    return name, version, integrity
