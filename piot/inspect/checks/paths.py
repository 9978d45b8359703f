"""Whether packages are where the configuration says, and whether their globs find anything."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from piot.errors import near
from piot.inspect.view import MANIFESTS, View, inside
from piot.model.finding import Finding
from piot.model.globs import Globs
from piot.model.package import Package, PypiSettings


def folders(view: View) -> Iterator[Finding]:
    """The folder of every package, with the manifest of its kind."""
    for package in view.packages:
        if not view.below(package.path):
            known = {posixpath.dirname(path) for path in view.files}
            yield view.at_package(
                "PIOT_PATH_MISSING",
                "error",
                f"there is no folder {package.path} with files that git does not ignore",
                package,
                "path",
                fix=near(package.path, sorted(known)) or 'correct "path"',
            )
        elif not any(view.has(inside(package.path, name)) for name in _manifests(package)):
            name = MANIFESTS[package.kind]
            yield view.at_package(
                "PIOT_MANIFEST_MISSING",
                "error",
                f"{package.path} has no {name}",
                package,
                "path",
                fix=f'add {name}, or correct "path"',
            )


def _manifests(package: Package) -> Sequence[str]:
    if isinstance(package.settings, PypiSettings) and package.settings.build == "setuptools":
        return ("pyproject.toml", "setup.py", "setup.cfg")
    return (MANIFESTS[package.kind],)


def globs(view: View) -> Iterator[Finding]:
    """Every entry of ``paths`` that matches no file; a package without files is never released."""
    for package in view.packages:
        unmatched = [index for index, pattern in enumerate(package.paths) if not _matches(view, pattern)]
        added = [index for index, pattern in enumerate(package.paths) if _adds(pattern)]
        if set(added) <= set(unmatched):
            message = 'none of its "paths" matches a file that git does not ignore'
            fix = "correct them: without files nothing ever releases it"
            yield view.at_package(
                "PIOT_GLOB_UNMATCHED", "error", message, package, _key(view, package), fix=fix
            )
            continue
        for index in unmatched:
            pattern, key = package.paths[index], _key(view, package)
            message, fix = f'"{pattern}" matches no file', "correct it, or remove it"
            if not _adds(pattern):
                meant = _meant(view, pattern)
                if meant is None:
                    continue  # it may be for what is there tomorrow
                message, fix = f'"{pattern}" takes no file away', meant
            yield view.at_package("PIOT_GLOB_UNMATCHED", "warning", message, package, key, index, fix=fix)


def _meant(view: View, pattern: str) -> str | None:
    """A hint where a folder, or file, has nearly the name of the one that is taken away."""
    (root,) = Globs((pattern[1:],)).roots()[:1] or ("",)
    folder, _, name = root.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    names = {path[len(prefix) :].split("/")[0] for path in view.below(folder)}
    return near(name, sorted(names)) if name else None


def _key(view: View, package: Package) -> str:
    """``paths``, or the other name of the key where that is used."""
    values: object = view.documents.table(view.config)
    for part in view.place(package):
        values = values[part]  # type: ignore[index]  # a place that was found in these very values
    return "globs" if isinstance(values, dict) and "globs" in values else "paths"


def _adds(pattern: str) -> bool:
    return not pattern.startswith("!") or pattern.startswith("!(")


def _matches(view: View, pattern: str) -> bool:
    alone = Globs((pattern if _adds(pattern) else pattern[1:],))
    for root in alone.roots():
        candidates = [root] if view.has(root) else view.below(root)
        if not alone.unmatched(candidates):
            return True
    return False
