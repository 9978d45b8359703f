"""One crate out of a git repository, made whole so that it stands alone in a directory source.

Cargo builds git crates inside their checkout, where a manifest may inherit from its workspace. A directory
source holds single crates, so inherited values are written out, as ``cargo vendor`` does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import cast

from piot.errors import InputError, listed
from piot.model.fetch import CargoGitFetch
from piot.run.fetch.tars import Entry

Table = dict[str, object]

_DEPENDENCIES = tuple(f"{kind}dependencies" for kind in ("", "dev-", "build-", "dev_", "build_"))
_OF_A_ROOT = ("workspace", "patch", "replace", "profile")
_RELATIVE = ("readme", "license-file")
_LONGEST_CHAIN = 8
"""Links that lead to links; longer is taken for a circle."""


def crate_of(whole: Mapping[str, Entry], spec: CargoGitFetch) -> dict[str, Entry]:
    """The files of the crate ``spec.name``, found by name as cargo does, with ``.cargo-checksum.json``.

    Links that leave the crate's folder are replaced by what they lead to in the repository, and left out
    when that is nothing. Raises InputError when no manifest has the name.
    """
    manifests = _manifests(whole)
    folders = sorted(
        (folder for folder, table in manifests.items() if _sub(table, "package").get("name") == spec.name),
        key=lambda folder: (folder.count("/") if folder else -1, folder),
    )
    if not folders:
        names = sorted({str(_sub(table, "package").get("name")) for table in manifests.values()} - {"None"})
        raise InputError(
            f"no crate {spec.name} in {spec.url} at {spec.revision[:12]}",
            hint=f"it has {listed(names)}" if names else None,
        )
    folder = folders[0]
    files = _below(whole, folder, folder)
    files["Cargo.toml"] = Entry(data=_text(_whole_manifest(manifests, folder)))
    files[".cargo-checksum.json"] = Entry(data=b'{"files":{},"package":null}')
    return files


def inherited(manifest: Table, workspace: Table, up: str) -> Table:
    """``manifest`` with everything that says ``workspace = true`` taken from ``workspace``, which is dropped.

    ``up`` is the path from the crate's folder to the workspace's (cargo reference, *Workspaces*, sections
    on the ``package``, ``dependencies`` and ``lints`` tables).
    """
    result = {key: value for key, value in manifest.items() if key not in _OF_A_ROOT}
    result["package"] = _package(_sub(manifest, "package"), _sub(workspace, "package"), up)
    if _is_inherited(result.get("lints")):
        result["lints"] = _sub(workspace, "lints")
    shared = _sub(workspace, "dependencies")
    _inherit_dependencies(result, shared, up)
    targets: Table = {}
    for name in _sub(manifest, "target"):
        targets[name] = _inherit_dependencies(dict(_sub(_sub(manifest, "target"), name)), shared, up)
    if targets:
        result["target"] = targets
    return result


def _package(package: Table, shared: Table, up: str) -> Table:
    result: Table = {}
    for key, value in package.items():
        if key == "workspace":
            continue
        if not _is_inherited(value):
            result[key] = value
        elif key in shared:
            said = shared[key]
            relative = key in _RELATIVE and isinstance(said, str)
            result[key] = _joined(up, str(said)) if relative else said
    return result


def _inherit_dependencies(table: Table, shared: Table, up: str) -> Table:
    for kind in _DEPENDENCIES:
        if kind in table:
            table[kind] = {
                name: _dependency(said, shared.get(name), up) if _is_inherited(said) else said
                for name, said in _sub(table, kind).items()
            }
    return table


def _dependency(own: object, shared: object, up: str) -> object:
    base = dict(cast("Table", shared)) if isinstance(shared, dict) else {"version": shared}
    mine = {key: value for key, value in cast("Table", own).items() if key != "workspace"}
    features = [*_list(base.get("features")), *_list(mine.pop("features", None))]
    default = mine.pop("default-features", mine.pop("default_features", None))
    if features:
        base["features"] = list(dict.fromkeys(features))
    if default is True:  # a member can only add default features, never take them away
        base.pop("default_features", None)
        base["default-features"] = True
    if isinstance(base.get("path"), str):
        base["path"] = _joined(up, str(base["path"]))
    return {**base, **mine}


def _whole_manifest(manifests: Mapping[str, Table], folder: str) -> Table:
    manifest = manifests[folder]
    named = _sub(manifest, "package").get("workspace")
    above = [_joined(folder, named)] if isinstance(named, str) else _ancestors(folder)
    for root in above:
        if "workspace" in manifests.get(root, {}):
            up = posixpath.relpath(root or ".", folder or ".")
            return inherited(manifest, _sub(manifests[root], "workspace"), up)
    return inherited(manifest, {}, ".")


def _manifests(whole: Mapping[str, Entry]) -> dict[str, Table]:
    import tomli

    found: dict[str, Table] = {}
    for path, entry in whole.items():
        folder, _, name = path.rpartition("/")
        if name != "Cargo.toml" or entry.link is not None:
            continue
        try:
            found[folder] = tomli.loads(entry.data.decode())
        except (UnicodeDecodeError, tomli.TOMLDecodeError):
            continue  # test fixtures hold broken manifests on purpose
    return found


def _below(whole: Mapping[str, Entry], folder: str, limit: str, depth: int = 0) -> dict[str, Entry]:
    """The files below ``folder`` by their path from it; links out of ``limit`` are followed."""
    start = f"{folder}/" if folder else ""
    result: dict[str, Entry] = {}
    for path, entry in whole.items():
        if not path.startswith(start):
            continue
        name = path[len(start) :]
        if entry.link is None or _inside(_joined(posixpath.dirname(path), entry.link), limit):
            result[name] = entry
        elif depth < _LONGEST_CHAIN:
            target = _joined(posixpath.dirname(path), entry.link)
            result |= _copied(whole, target, name, limit, depth + 1)
    return result


def _copied(whole: Mapping[str, Entry], target: str, name: str, limit: str, depth: int) -> dict[str, Entry]:
    entry = whole.get(target)
    if entry is not None and entry.link is not None:
        following = _joined(posixpath.dirname(target), entry.link)
        return _copied(whole, following, name, limit, depth + 1) if depth < _LONGEST_CHAIN else {}
    if entry is not None:
        return {name: entry}
    return {f"{name}/{inner}": found for inner, found in _below(whole, target, target, depth).items()}


def _inside(path: str, folder: str) -> bool:
    if path.startswith(("../", "/")) or path == "..":
        return False
    return not folder or path == folder or path.startswith(f"{folder}/")


def _ancestors(folder: str) -> list[str]:
    parts = folder.split("/") if folder else []
    return ["/".join(parts[:count]) for count in range(len(parts), -1, -1)]


def _joined(base: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(base, path))
    return "" if joined == "." else joined


def _text(table: Table) -> bytes:
    import tomlkit

    return tomlkit.dumps(table).encode()  # pyright: ignore[reportUnknownMemberType] - its mapping is untyped


def _is_inherited(value: object) -> bool:
    return isinstance(value, dict) and cast("Table", value).get("workspace") is True


def _sub(table: Mapping[str, object], key: str) -> Table:
    value = table.get(key)
    return cast("Table", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
