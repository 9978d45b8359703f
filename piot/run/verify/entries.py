"""Whether all that a package.json names is in its package, as Node.js and TypeScript would look for it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import cast

from piot.run.verify.native import format_of

_SUFFIXES = ("", ".js", ".json", ".node", "/index.js", "/index.json", "/index.node")
"""Where ``require`` looks for a path (Node.js docs, *CommonJS modules*, LOAD_AS_FILE, LOAD_AS_DIRECTORY)."""

_TYPES = ("", ".d.ts", ".ts", ".tsx", "/index.d.ts")
"""Where TypeScript looks for declarations (TypeScript handbook, *Modules - Reference*)."""

WHERE = "package/package.json"


def entry_findings(manifest: Mapping[str, object], files: Mapping[str, bytes]) -> Iterator[str]:
    """What package.json names and is not among ``files``, which are relative to its folder."""
    names = frozenset(files)
    for key, suffixes in (("main", _SUFFIXES), ("module", _SUFFIXES), ("types", _TYPES), ("typings", _TYPES)):
        value = manifest.get(key)
        if isinstance(value, str) and not _found(value, suffixes, names):
            yield _missing(key, value)
    for path in dict.fromkeys(_targets(manifest.get("exports"))):
        if not _matched(_plain(path), names):
            yield _missing("exports", path)
    listed = manifest.get("files")
    for entry in cast("list[object]", listed) if isinstance(listed, list) else []:
        if isinstance(entry, str) and not entry.startswith("!") and not _listed(_plain(entry), names):
            yield _missing("files", entry)


def program_findings(
    manifest: Mapping[str, object], files: Mapping[str, bytes], executable: frozenset[str]
) -> Iterator[str]:
    """Programs that are not there or cannot be started: npm links scripts, and their first line says by what.

    Scripts need not be executable, since whoever installs them sees to it (`program_notes`).
    """
    for name, path in programs(manifest).items():
        plain = _plain(path)
        if plain not in files:
            yield _missing(f"bin {name}", path)
        elif format_of(files[plain]) is None and not files[plain].startswith(b"#!"):
            yield f"package/{plain} is a program ({name}), but does not begin with #!/usr/bin/env node."
        elif format_of(files[plain]) is not None and plain not in executable:
            yield f"package/{plain} is a program ({name}), but is not executable."


def program_notes(
    manifest: Mapping[str, object], files: Mapping[str, bytes], executable: frozenset[str]
) -> Iterator[str]:
    """Scripts that are started by name but are not executable where nobody installs them."""
    for path in dict.fromkeys(map(_plain, programs(manifest).values())):
        if path in files and path not in executable and format_of(files[path]) is None:
            yield f"package/{path} is not executable in it"


def programs(manifest: Mapping[str, object]) -> dict[str, str]:
    """Programs by name; a lone path has the package's own name without its scope (npm docs, *bin*)."""
    value = manifest.get("bin")
    if isinstance(value, str):
        return {str(manifest.get("name")).rpartition("/")[2]: value}
    if not isinstance(value, dict):
        return {}
    return {name: path for name, path in cast("dict[str, object]", value).items() if isinstance(path, str)}


def _missing(key: str, value: str) -> str:
    return f"{WHERE} names {value} ({key}), which is not in the package."


def _plain(path: str) -> str:
    return posixpath.normpath(path).lstrip("/").removeprefix("./")


def _found(path: str, suffixes: tuple[str, ...], names: frozenset[str]) -> bool:
    plain = _plain(path)
    candidates = {f"{plain}{suffix}" for suffix in suffixes} | {
        suffix.removeprefix("/") for suffix in suffixes if plain == "."
    }
    return not candidates.isdisjoint(names)


def _targets(value: object) -> Iterator[str]:
    """The files that ``exports`` leads to, under any path and condition (Node.js docs, *Packages*)."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast("dict[str, object]", value).values():
            yield from _targets(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _targets(inner)


def _matched(path: str, names: frozenset[str]) -> bool:
    """A path, a folder (``./x/``), or a pattern in which ``*`` stands for anything."""
    head, star, tail = path.partition("*")
    if not star:
        return path in names or any(name.startswith(f"{path}/") for name in names)
    tail = tail.rpartition("*")[2]
    return any(name.startswith(head) and name.endswith(tail) for name in names)


def _listed(entry: str, names: frozenset[str]) -> bool:
    """Whether an entry of ``files``, a pattern like those of .gitignore, stands for anything."""
    if any(letter in entry for letter in "*?[{"):
        return True  # nothing to be found is what some patterns are for
    return entry == "." or any(f"/{entry}/" in f"/{name}/" for name in names)
