"""Where the version of an npm package stands beside its own package.json: dependents, and lock files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from piot.model.npm.package_json import Where
from piot.model.npm.package_lock import below
from piot.model.npm.project import TABLES, NpmManifest, NpmProject

_SINGLE = re.compile(r"((?:workspace:)?(?:\^|~|>=|=|)\s*)\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")


def npm_texts(projects: Sequence[NpmProject], versions: Mapping[str, str]) -> dict[str, dict[Where, str]]:
    """The texts to write, by file and place; ``versions`` are by folder of a package.

    Requirements of other packages of the workspace follow with their operators; ranges and tags stay.
    """
    found: dict[str, dict[Where, str]] = defaultdict(dict)
    by_root = {project.root: project for project in projects}
    for project in by_root.values():
        planned = {each.name: versions[path] for path, each in project.members.items() if path in versions}
        for directory, manifest in project.members.items():
            place = below(project.root, directory)
            for where, text in _requirements(manifest, planned):
                found[manifest.path][where] = text
                if _is_npms(project):
                    found[str(project.lock)]["packages", place, *where] = text
            if directory in versions and _is_npms(project):
                found[str(project.lock)]["packages", place, "version"] = versions[directory]
                if not place:
                    found[str(project.lock)][("version",)] = versions[directory]
    return dict(found)


def raised(requirement: str, version: str) -> str:
    """``^1.0.0`` for 2.1.0 is ``^2.1.0``; what names no single version stays as it is."""
    match = _SINGLE.fullmatch(requirement)
    return f"{match[1]}{version}" if match else requirement


def _requirements(manifest: NpmManifest, planned: Mapping[str, str]) -> Iterator[tuple[Where, str]]:
    for table in TABLES:
        for name, wanted in manifest.needs(table).items():
            if name in planned:
                yield (table, name), raised(wanted, planned[name])


def _is_npms(project: NpmProject) -> bool:
    return project.lock is not None and project.lock.endswith(".json")
