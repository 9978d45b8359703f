"""Whether ``Cargo.lock`` pins what a manifest asks for (The Cargo Book, *Specifying Dependencies*)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from piot.errors import InputError, listed
from piot.model.cargo.lockfile import Lockfile
from piot.model.cargo.tables import dependency_tables
from piot.model.semver import Semver, accepts
from piot.model.tables import Table, is_table, table_at
from piot.model.toml_text import read_toml


def unpinned(name: str, manifest: str, root: str, lock: Lockfile) -> tuple[str, ...]:
    """What the workspace member ``name`` asks for and the lock does not have, each once: ``cfg-if 1``.

    ``manifest`` and ``root`` are the texts of its manifest and of the workspace's. Crates of the repository
    are not looked at: they are what they are.
    """
    pinned = _pinned(name, lock)
    shared = table_at(read_toml(root, "Cargo.toml"), "workspace", "dependencies")
    tables = (table for _, _, table in dependency_tables(read_toml(manifest, "Cargo.toml")))
    asked = (entry for table in tables for entry in _asked(table, shared))
    return tuple(dict.fromkeys(found for entry in asked if (found := _lacking(*entry, pinned))))


def _pinned(name: str, lock: Lockfile) -> dict[str, list[str]]:
    """The versions that the lock has for the crate's dependencies, by name."""
    found: dict[str, list[str]] = {}
    for package in lock.packages:
        for dependency, version, _ in (
            package.dependencies if (package.name, package.source) == (name, None) else ()
        ):
            found.setdefault(dependency, []).append(version)
    return found


def _asked(table: Table, shared: Table) -> Iterator[tuple[str, str | None]]:
    """Name and requirement of what comes from elsewhere; the latter None where any version will do."""
    for key, value in table.items():
        entry = value
        if is_table(value) and value.get("workspace") is True:
            entry = shared.get(key)
        if isinstance(entry, str):
            yield key, entry
        elif is_table(entry) and "path" not in entry:
            name, version = entry.get("package"), entry.get("version")
            yield name if isinstance(name, str) else key, version if isinstance(version, str) else None


def _lacking(name: str, requirement: str | None, pinned: Mapping[str, Sequence[str]]) -> str | None:
    versions = pinned.get(name, ())
    if versions and (requirement is None or any(_fits(requirement, version) for version in versions)):
        return None
    wanted = f"{name} {requirement}" if requirement else name
    return f"{wanted} (locked is {listed(versions)})" if versions else wanted


def _fits(requirement: str, version: str) -> bool:
    """True as well for what cannot be read: cargo says why in its own words."""
    try:
        return accepts(requirement, Semver.parse(version))
    except InputError:
        return True
