"""Where dependencies stand in a Cargo manifest."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from piot.model.cargo.facts import DependencyKind
from piot.model.tables import Table, is_table, table_at
from piot.model.toml_text import Where

KINDS: Mapping[str, DependencyKind] = {
    "dependencies": "normal",
    "dev-dependencies": "dev",
    "dev_dependencies": "dev",
    "build-dependencies": "build",
    "build_dependencies": "build",
}
"""The tables of dependencies; cargo still reads the spellings with an underscore before edition 2024."""


def dependency_tables(manifest: Table) -> Iterator[tuple[Where, DependencyKind, Table]]:
    """The tables of dependencies of a package, those for some platforms only included."""
    for name, kind in KINDS.items():
        if is_table(table := manifest.get(name)):
            yield (name,), kind, table
    for condition, platform in table_at(manifest, "target").items():
        if is_table(platform):
            for name, kind in KINDS.items():
                if is_table(table := platform.get(name)):
                    yield ("target", condition, name), kind, table


def path_entries(manifest: Table, directory: str) -> Iterator[tuple[Where, str, Table]]:
    """The dependency entries with a path, ``[workspace.dependencies]`` among them: place, folder, entry.

    ``directory`` is that of the manifest; an absolute path is passed over.
    """
    shared: Where = ("workspace", "dependencies")
    tables = [(where, table) for where, _, table in dependency_tables(manifest)]
    for where, table in [*tables, (shared, table_at(manifest, "workspace", "dependencies"))]:
        for name, entry in table.items():
            if is_table(entry) and isinstance(path := entry.get("path"), str) and not path.startswith("/"):
                yield (*where, name), folder(directory, path), entry


def folder(directory: str, path: str) -> str:
    """``path``, as a manifest in ``directory`` writes it, relative to the repository root."""
    return posixpath.normpath(posixpath.join(directory, path.replace("\\", "/")))
