"""What npm, and people who install from it, need of a package.json."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from piot.inspect.checks.globs import ignoring
from piot.inspect.view import View
from piot.model.finding import Finding
from piot.model.npm.project import NpmManifest
from piot.model.package import NpmSettings, Package
from piot.model.tables import texts

_ENTRIES = ("main", "module", "browser", "types", "typings", "bin", "exports")
"""Keys whose values are files that others load (Node.js, *Packages*; TypeScript, *Publishing*)."""

_ENDS = ("", ".js", ".cjs", ".mjs", ".json", ".d.ts", "/index.js", "/index.d.ts")
"""What may be left out of a path (Node.js, *require.resolve*; TypeScript, *moduleResolution*)."""


def released(view: View) -> Iterator[tuple[Package, NpmSettings, NpmManifest]]:
    """The packages of npm whose package.json could be read."""
    for package in view.packages:
        project = view.npm.get(package.path)
        if isinstance(package.settings, NpmSettings) and project is not None and project.manifest.values:
            yield package, package.settings, project.manifest


def names(view: View) -> Iterator[Finding]:
    """The name in the manifest is the one that is registered."""
    for package, settings, manifest in released(view):
        if manifest.name and manifest.name != settings.npm:
            yield view.at(
                "PIOT_NPM_NAME_MISMATCH",
                "error",
                f'"name" is "{manifest.name}", but {view.config} says that it is registered as '
                f'"{settings.npm}"',
                manifest.path,
                ("name",),
                package=package,
                fix=f'set npm = "{manifest.name}" there, or correct the name here',
            )


def repositories(view: View) -> Iterator[Finding]:
    """``repository``, which npm compares with where a package with provenance was built."""
    for package, _, manifest in released(view):
        value = manifest.values.get("repository")
        url = cast("Mapping[str, object]", value).get("url") if isinstance(value, dict) else value
        if not (isinstance(url, str) and url.strip()):
            yield view.at(
                "PIOT_NPM_MISSING_REPOSITORY",
                "error",
                'there is no "repository", and npm takes no package with provenance without',
                manifest.path,
                ("repository",),
                package=package,
                fix='add "repository": "https://github.com/OWNER/NAME"',
            )


def platforms(view: View) -> Iterator[Finding]:
    """Platforms that napi-rs has a name for, where addons are built."""
    for package, settings, _ in released(view):
        if all(each.mode != "napi" for each in settings.build):
            continue
        for index, spec in enumerate(settings.targets):
            if spec.triple.napi is None:
                message = f"napi-rs has no name for {spec.triple}"
                fix = "remove the target"
                yield view.at_package("PIOT_NPM_TRIPLE", "error", message, package, "targets", index, fix=fix)


def files(view: View) -> Iterator[Finding]:
    """Files that others load, and that ``files`` keeps out of what is packed.

    npm adds ``main`` and ``bin`` by themselves (npm docs, *files*), but nothing that stands beside them.
    """
    for package, settings, manifest in released(view):
        patterns = texts(manifest.values.get("files"))
        if not patterns or settings.build:
            continue  # piot adds what it makes: loaders, launchers and their types
        shipped = ignoring([f"!/{each[1:]}" if each.startswith("!") else f"/{each}" for each in patterns])
        for key, path in _entries(manifest):
            ends = ("",) if posixpath.splitext(path)[1] else _ENDS
            if not any(shipped(f"{path}{end}") for end in ends):
                yield view.at(
                    "PIOT_NPM_FILES",
                    "error",
                    f'"{key}" names {path}, which "files" does not ship',
                    manifest.path,
                    (key,),
                    package=package,
                    fix=f'add "{posixpath.dirname(path) or path}" to "files"',
                )


def _entries(manifest: NpmManifest) -> Iterator[tuple[str, str]]:
    """The files of the package that others load, by the key that names them."""
    for key in _ENTRIES:
        for named in _files(key, manifest.values.get(key)):
            path = posixpath.normpath(named)
            if not (path.startswith("../") or "*" in path or _alone(key, path)):
                yield key, path


def _alone(key: str, path: str) -> bool:
    """A file at the top that npm packs by itself."""
    return path == "package.json" or (key in ("main", "bin") and "/" not in path)


def _files(key: str, value: object) -> Sequence[str]:
    """What a key names: beside files, tables of ``browser`` have packages, and ``false``."""
    found = _paths(value)
    return found if isinstance(value, str) or key == "bin" else [each for each in found if each[:2] == "./"]


def _paths(value: object) -> Sequence[str]:
    """The files in a text, or in tables and lists at any depth."""
    if isinstance(value, str):
        return (value,)
    inner: Sequence[object] = ()
    if isinstance(value, dict):
        inner = [*cast("dict[str, object]", value).values()]
    elif isinstance(value, list):
        inner = cast("list[object]", value)
    return tuple(dict.fromkeys(path for each in inner for path in _paths(each)))
