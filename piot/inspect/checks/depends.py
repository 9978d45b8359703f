"""Dependencies between packages that their manifests know, but ``depends_on`` does not."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from piot.inspect.cargo import Dependency, dependencies
from piot.inspect.view import View, manifest_of
from piot.model.finding import Finding
from piot.model.globs import Globs
from piot.model.npm.project import SHIPPED, TABLES
from piot.model.package import Package
from piot.model.pins import canonical
from piot.model.tables import table_at, texts
from piot.model.toml_scan import Where

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def depends(view: View) -> Iterator[Finding]:
    """Each missing entry once, at the place of the manifest that knows of it."""
    for package in view.packages:
        declared = {each.name for each in view.closure(package)}
        missing: dict[str, tuple[str, Where]] = {}
        for needed, path, where in (*_cargo(view, package), *_python(view, package), *_npm(view, package)):
            if needed.name not in declared and not _would_be_circle(view, package, needed):
                missing.setdefault(needed.name, (path, where))
        for name, (path, where) in missing.items():
            yield view.at(
                "PIOT_DEPENDS_MISSING",
                "error",
                f'package "{package.name}" needs package "{name}", but its depends_on does not say so',
                path,
                where,
                package=package,
                fix=f'add "{name}" to depends_on of package "{package.name}" ({package.location})',
            )


def _would_be_circle(view: View, package: Package, needed: Package) -> bool:
    """Packages may develop with each other: only one of two can be released first."""
    return any(each.name == package.name for each in view.closure(needed))


_Known = tuple[Package, str, Where]


def _cargo(view: View, package: Package) -> Iterator[_Known]:
    """Crates of other packages, reached through crates that nobody releases too.

    What a wheel or an npm package compiles itself counts among its own files where its globs say so.
    """
    own = Globs(package.paths)
    todo: deque[str] = deque()
    seen = set(view.crates_of(package))
    for directory in view.crates_of(package):
        owner, crate = view.owners.get(directory), view.crate(directory)
        if owner is None or owner.name == package.name or crate is None or own.matches(crate.manifest):
            todo.append(directory)
        else:  # the crate of a bundled program is another package's
            yield owner, view.config, view.place(package, "bundle_cli")
    first: dict[str, Dependency] = {}
    while todo:
        directory = todo.popleft()
        crate = view.crate(directory)
        for each in dependencies(view, crate) if crate else ():
            found = None if each.directory is None else view.crate(each.directory)
            if found is None or not each.ships or found.directory in seen:
                continue
            seen.add(found.directory)
            start = first.setdefault(found.directory, first.get(directory, each))
            owner = view.owners.get(found.directory)
            if owner is None or owner.name == package.name:
                todo.append(found.directory)
            elif package.kind == "crates" or not own.matches(found.manifest):
                yield owner, start.manifest, start.where


def _python(view: View, package: Package) -> Iterator[_Known]:
    """Projects that pyproject.toml asks for, to be installed or to build it (PEP 621, PEP 518)."""
    if package.kind != "pypi":
        return
    path = manifest_of(package)
    table = view.documents.table(path)
    projects = {canonical(each.registry_name): each for each in view.packages if each.kind == "pypi"}
    places: list[Where] = [("project", "dependencies"), ("build-system", "requires")]
    optional = table_at(table, "project", "optional-dependencies")
    places += [("project", "optional-dependencies", extra) for extra in optional]
    for where in places:
        *above, last = (str(part) for part in where)
        for index, text in enumerate(texts(table_at(table, *above).get(last))):
            match = _NAME.match(text)
            needed = projects.get(canonical(match[1])) if match else None
            if needed is not None and needed.name != package.name:
                yield needed, path, (*where, index)


def _npm(view: View, package: Package) -> Iterator[_Known]:
    """Packages of the same workspace, which are linked."""
    project = view.npm.get(package.path)
    if package.kind != "npm" or project is None:
        return
    released = {each.path: each for each in view.packages if each.kind == "npm"}
    folders = {member.name: directory for directory, member in project.members.items() if member.name}
    for table in TABLES:
        for name in project.manifest.needs(table):
            needed = released.get(folders.get(name, ""))
            if needed is not None and needed.name != package.name:
                yield needed, project.manifest.path, (table, name)


def unreleased(view: View) -> Iterator[Finding]:
    """Packages of a workspace that people who install a released one need, and that nothing releases."""
    released = {each.path for each in view.packages if each.kind == "npm"}
    for package in view.packages:
        project = view.npm.get(package.path)
        if package.kind != "npm" or project is None:
            continue
        folders = {member.name: directory for directory, member in project.members.items() if member.name}
        for table in SHIPPED:
            for name in project.manifest.needs(table):
                folder = folders.get(name)
                if folder is None or folder in released or not _is_private(view, folder):
                    continue
                yield view.at(
                    "PIOT_NPM_UNRELEASED",
                    "error",
                    f"it depends on {name}, which is private and never published ({folder})",
                    project.manifest.path,
                    (table, name),
                    package=package,
                    fix=f"release {folder} too, or move it to devDependencies",
                )


def _is_private(view: View, folder: str) -> bool:
    values = view.documents.table(f"{folder}/package.json" if folder != "." else "package.json")
    return values.get("private") is True
