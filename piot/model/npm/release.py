"""A package.json as others may have it: without words that only its workspace understands.

https://pnpm.io/workspaces#publishing-workspace-packages and https://pnpm.io/catalogs#publishing
"""

from __future__ import annotations

from dataclasses import replace

from piot.errors import Problem, Problems
from piot.model.npm.project import SHIPPED, TABLES, NpmManifest, NpmProject, problem

_WORKSPACE, _CATALOG = "workspace:", "catalog:"
_OPERATORS = {"": "", "*": "", "^": "^", "~": "~"}


def released(project: NpmProject) -> NpmManifest:
    """The manifest with ``workspace:`` and ``catalog:`` replaced by what they mean.

    Planned versions of the workspace's packages count. Raises Problems for a package that the workspace
    lacks, and for one that no catalog has.
    """
    manifest, found = project.manifest, list[Problem]()
    values = dict(manifest.values)
    for table in TABLES:
        needs = manifest.needs(table)
        means = {name: _meaning(project, name, wanted) for name, wanted in needs.items()}
        if table in SHIPPED:
            found += (_unknown(manifest, name, needs[name]) for name, said in means.items() if said is None)
        if means != needs:
            values[table] = {name: needs[name] if said is None else said for name, said in means.items()}
    if found:
        raise Problems(found)
    return replace(manifest, values=values)


def _meaning(project: NpmProject, name: str, wanted: str) -> str | None:
    """A requirement for a registry; None when nobody knows what it means."""
    if wanted.startswith(_CATALOG):
        catalog = wanted.removeprefix(_CATALOG).strip() or "default"
        said = project.catalogs.get(catalog, {}).get(name)
        return None if said is None else _meaning(project, name, said)
    if not wanted.startswith(_WORKSPACE):
        return wanted
    other, at, rest = wanted.removeprefix(_WORKSPACE).rpartition("@")
    member = project.member(other or name)
    if member is None or not member.version:
        return None
    rest = f"{_OPERATORS[rest]}{member.version}" if rest in _OPERATORS else rest
    return f"npm:{other}@{rest}" if at and other and other != name else rest


def _unknown(manifest: NpmManifest, name: str, wanted: str) -> Problem:
    what = "no catalog has it" if wanted.startswith(_CATALOG) else "its workspace has no such package"
    hint = f"write a requirement that a registry understands for {name}"
    return problem(manifest.path, "PIOT_NPM_LOCK", f"it asks for {name} {wanted}, and {what}", hint)
