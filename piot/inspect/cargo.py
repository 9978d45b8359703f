"""What Cargo manifests say of dependencies, entry by entry, with what entries inherit filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from piot.inspect.view import View, inside
from piot.model.cargo.facts import Crate, DependencyKind
from piot.model.cargo.tables import dependency_tables
from piot.model.tables import Table, is_table, table_at
from piot.model.toml_scan import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """An entry at a place of a manifest; ``name`` is the crate's own, ``directory`` that of a path.

    ``source`` is where path and version stand: the same place, or that of the workspace's entry.
    """

    manifest: str
    where: Where
    source: tuple[str, Where]
    kind: DependencyKind
    name: str
    directory: str | None
    requirement: str | None
    git: bool

    @property
    def ships(self) -> bool:
        """Whether it stays in what is published: cargo leaves dev-dependencies without a version out."""
        return self.kind != "dev" or self.requirement is not None


def dependencies(view: View, crate: Crate) -> Iterator[Dependency]:
    """All dependencies of a crate, of every kind and platform."""
    root = view.workspaces[crate.directory]
    shared = table_at(view.documents.table(root.manifest), "workspace", "dependencies")
    for where, kind, table in dependency_tables(view.documents.table(crate.manifest)):
        for key, entry in table.items():
            own: Table = entry if is_table(entry) else {"version": entry}
            base, full, source = crate.directory, own, (crate.manifest, (*where, key))
            if own.get("workspace") is True:
                found = shared.get(key)
                base, full = root.root, found if is_table(found) else {"version": found}
                source = root.manifest, ("workspace", "dependencies", key)
            name, path, wanted = full.get("package"), full.get("path"), full.get("version")
            yield Dependency(
                manifest=crate.manifest,
                where=(*where, key),
                source=source,
                kind=kind,
                name=name if isinstance(name, str) else key,
                directory=inside(base, path) if isinstance(path, str) else None,
                requirement=wanted if isinstance(wanted, str) else None,
                git="git" in full,
            )


def reach(view: View, directory: str) -> tuple[Crate, ...]:
    """The crate in a folder and all that it depends on by path, as far as they could be read.

    Crates may test each other: of others, dev-dependencies play no part.
    """
    found: dict[str, Crate] = {}
    todo = [directory]
    while todo:
        crate = view.crate(one) if (one := todo.pop()) not in found else None
        if crate is not None:
            found[one] = crate
            todo += [
                each.directory for each in crate.path_dependencies if each.kind != "dev" or one == directory
            ]
    return tuple(found[one] for one in sorted(found))


def named_file(view: View, crate: Crate, key: str) -> str | None:
    """The file that a key of ``[package]`` names: what is inherited is relative to the workspace's root."""
    value = inherited(view, crate, key)
    if not isinstance(value, str):
        return None
    own = table_at(view.documents.table(crate.manifest), "package").get(key)
    return inside(crate.directory if own == value else view.workspaces[crate.directory].root, value)


def inherited(view: View, crate: Crate, key: str) -> object:
    """A value of ``[package]``, the workspace's where it says so; None when there is none."""
    value = table_at(view.documents.table(crate.manifest), "package").get(key)
    if is_table(value) and value.get("workspace") is True:
        root = view.workspaces[crate.directory].manifest
        return table_at(view.documents.table(root), "workspace", "package").get(key)
    return value
