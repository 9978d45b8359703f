"""Where the version of a project stands that pyproject.toml calls dynamic."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from piot.load.config_reader import Section
from piot.load.source_tree import SourceTree
from piot.model.package import PypiBuild
from piot.model.release.version_file import HATCH, WHOLE, VersionFile, assigned
from piot.model.tables import is_array, is_table


def version_file(top: Section, build: PypiBuild, prefix: str, files: SourceTree) -> VersionFile | None:
    """The file, ``prefix`` being the project's folder; None where only running code would tell."""
    if build == "hatch":
        return _of_hatch(at(top, "tool", "hatch", "version"), prefix)
    version = at(top, "tool", "setuptools", "dynamic", "version")
    if version is None:
        return None
    place, name = version.values.get("file"), version.values.get("attr")
    if is_array(place) and len(place) == 1:
        place = place[0]
    if isinstance(place, str):
        return VersionFile(_inside(prefix, place), WHOLE)
    if not isinstance(name, str) or "." not in name:
        return None
    module, _, variable = name.rpartition(".")
    here = (_inside(prefix, path) for path in _places(top, module.replace(".", "/")))
    return next((VersionFile(path, assigned(variable)) for path in here if path in files), None)


def _of_hatch(version: Section | None, prefix: str) -> VersionFile | None:
    """hatchling's source ``regex``, which is the default."""
    if version is None:
        return None
    values = version.values
    path, pattern = values.get("path"), values.get("pattern", HATCH)
    if values.get("source", "regex") != "regex" or not isinstance(path, str):
        return None
    return VersionFile(_inside(prefix, path), pattern if isinstance(pattern, str) else HATCH)


def _places(top: Section, module: str) -> Iterator[str]:
    """Where setuptools looks for a module (its documentation: *Package discovery*)."""
    where = at(top, "tool", "setuptools", "packages", "find")
    folders = where.values.get("where") if where else None
    mapped = at(top, "tool", "setuptools", "package-dir")
    root = mapped.values.get("") if mapped else None
    named: list[object] = [root, *(folders if is_array(folders) else ()), "", "src"]
    for folder in dict.fromkeys(each for each in named if isinstance(each, str)):
        yield posixpath.join(folder, f"{module}.py")
        yield posixpath.join(folder, module, "__init__.py")


def _inside(prefix: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(prefix, path))


def at(top: Section, *keys: str) -> Section | None:
    """A table at some depth; None when there is none, whatever stands there instead."""
    section = top
    for key in keys:
        value = section.values.get(key)
        if not is_table(value):
            return None
        section = section.inner(value, (key,), section.title)
    return section
