"""Cargo manifests made smaller: for some members of a workspace, and for their third-party crates alone."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from piot.model.cargo.lockfile import with_versions
from piot.model.cargo.tables import KINDS
from piot.model.tables import Table, is_array, is_table, table_at, texts
from piot.model.toml_text import Where, array, dump_toml, read_toml, with_values

NO_VERSION = "0.0.0"
"""The version of every member in the layer forms, so that a release does not compile dependencies again."""

_PACKAGE_KEYS = (
    "autobins",
    "autolib",
    "build",
    "default-target",
    "edition",
    "forced-target",
    "links",
    "name",
    "resolver",
    "workspace",
)
_TARGET_KEYS = ("crate-type", "crate_type", "name", "path", "proc-macro", "proc_macro")


def cut_members(root_manifest_text: str, keep: Iterable[str], *, root: str = ".") -> str:
    """The root manifest of a workspace with only ``keep`` as members; everything else stays as it is.

    ``keep`` are directories of members relative to the repository root, ``root`` is that of the
    workspace. Default members that are not kept go too. A manifest that lists no members is unchanged.
    """
    workspace = table_at(read_toml(root_manifest_text, "Cargo.toml"), "workspace")
    kept = _from_root(keep, root)
    edits: dict[Where, str] = {}
    if "members" in workspace and sorted(map(posixpath.normpath, texts(workspace["members"]))) != list(kept):
        edits["workspace", "members"] = array(kept)
    if "default-members" in workspace:
        edits["workspace", "default-members"] = array(_defaults(workspace, kept))
    return with_values(root_manifest_text, edits) if edits else root_manifest_text


def layer_manifest(text: str, *, is_root: bool, keep: Iterable[str] = (), root: str = ".") -> str:
    """The part of a manifest that can influence how third-party crates are compiled, as canonical TOML.

    Versions, descriptions and lints are not in it, so that changing them changes nothing. ``keep`` and
    ``root`` as for ``cut_members``.
    """
    manifest = read_toml(text, "Cargo.toml")
    smaller: dict[str, object] = _dependencies(manifest)
    if "cargo-features" in manifest:
        smaller["cargo-features"] = manifest["cargo-features"]
    if is_table(package := manifest.get("package", manifest.get("project"))):
        smaller["package"] = {**_picked(package, _PACKAGE_KEYS), "version": NO_VERSION}
        smaller.update(_targets(manifest))
        smaller.update(_picked(manifest, ("features",)))
    if platforms := _platforms(manifest):
        smaller["target"] = platforms
    if is_root:
        smaller.update(_picked(manifest, ("patch", "profile", "replace")))
        if is_table(workspace := manifest.get("workspace")):
            smaller["workspace"] = _workspace(workspace, _from_root(keep, root))
    return dump_toml(smaller)


def layer_lock(text: str, members: Iterable[str]) -> str:
    """The lock with the crates ``members`` of the repository at the version they have in the layer form."""
    return with_versions(text, dict.fromkeys(members, NO_VERSION))


def _from_root(directories: Iterable[str], root: str) -> tuple[str, ...]:
    """Directories as the root manifest in ``root`` writes them, without itself."""
    return tuple(sorted(posixpath.relpath(one, root) for one in directories if one != root))


def _defaults(workspace: Table, kept: Collection[str]) -> tuple[str, ...]:
    written = [posixpath.normpath(one) for one in texts(workspace.get("default-members"))]
    found = {one for one in kept if any(fnmatchcase(one, pattern) for pattern in written)}
    return tuple(sorted(found | ({"."} & set(written)))) or tuple(kept)


def _workspace(workspace: Table, kept: tuple[str, ...]) -> Table:
    smaller = _picked(workspace, ("exclude", "resolver"))
    smaller["dependencies"] = _without_versions(table_at(workspace, "dependencies"))
    smaller["package"] = _picked(table_at(workspace, "package"), ("edition",))
    if "members" in workspace:
        smaller["members"] = kept
    if "default-members" in workspace:
        smaller["default-members"] = _defaults(workspace, kept)
    return smaller


def _dependencies(manifest: Table) -> dict[str, object]:
    return {
        name: _without_versions(table) for name in KINDS if is_table(table := manifest.get(name)) and table
    }


def _platforms(manifest: Table) -> dict[str, object]:
    platforms = {
        condition: _dependencies(platform)
        for condition, platform in table_at(manifest, "target").items()
        if is_table(platform)
    }
    return {condition: tables for condition, tables in platforms.items() if tables}


def _without_versions(table: Table) -> dict[str, object]:
    """Dependencies, those by path without their version."""
    return {name: _without_version(entry) for name, entry in table.items()}


def _without_version(entry: object) -> object:
    if not is_table(entry) or "path" not in entry:
        return entry
    return {key: value for key, value in entry.items() if key != "version"}


def _targets(manifest: Table) -> dict[str, object]:
    found: dict[str, object] = {}
    if is_table(library := manifest.get("lib")):
        found["lib"] = _picked(library, _TARGET_KEYS)
    if is_array(binaries := manifest.get("bin")):
        found["bin"] = [_picked(binary, _TARGET_KEYS) for binary in binaries if is_table(binary)]
    return found


def _picked(table: Table, keys: Iterable[str]) -> dict[str, object]:
    return {key: table[key] for key in keys if key in table}
