"""What crates.io, and cargo before it, ask of a crate that is to be published.

The Cargo Book, *Publishing on crates.io* and *The Manifest Format*.
"""

from __future__ import annotations

from collections.abc import Iterator

from piot.errors import InputError
from piot.inspect.cargo import Dependency, dependencies, inherited, named_file
from piot.inspect.view import View
from piot.model.cargo.facts import Crate
from piot.model.finding import Finding
from piot.model.package import CratesSettings, Package
from piot.model.semver import Semver, accepts


def released(view: View) -> Iterator[tuple[Package, CratesSettings, Crate]]:
    """The packages of crates.io whose manifest could be read."""
    for package in view.packages:
        crate = view.crate(package.path)
        if isinstance(package.settings, CratesSettings) and crate is not None and crate.name:
            yield package, package.settings, crate


def names(view: View) -> Iterator[Finding]:
    """The name in the manifest is the one that is registered; it is not kept from being published."""
    for package, settings, crate in released(view):
        if crate.name != settings.crate:
            yield view.at(
                "PIOT_CRATES_NAME_MISMATCH",
                "error",
                f'"name" is "{crate.name}", but {view.config} says that it is registered as '
                f'"{settings.crate}"',
                crate.manifest,
                ("package", "name"),
                package=package,
                fix=f'set crate = "{crate.name}" there, or correct the name here',
            )
        if not crate.publish:
            yield view.at(
                "PIOT_CRATES_NOT_PUBLISHED",
                "error",
                f'"publish" keeps cargo from publishing it, but package "{package.name}" is to be released',
                crate.manifest,
                ("package", "publish"),
                package=package,
                fix=f'remove "publish", or take the package out of {view.config}',
            )


def metadata(view: View) -> Iterator[Finding]:
    """A description and a licence, which crates.io refuses to be without, and the files that are named."""
    for package, _, crate in released(view):
        lacks = [] if _is_text(inherited(view, crate, "description")) else ['"description"']
        if not any(_is_text(inherited(view, crate, key)) for key in ("license", "license-file")):
            lacks.append('"license" or "license-file"')
        if lacks:
            yield view.at(
                "PIOT_CRATES_MISSING_METADATA",
                "error",
                f"[package] has no {' and no '.join(lacks)}, and crates.io refuses crates without",
                crate.manifest,
                ("package",),
                package=package,
                fix='add them, as in description = "…" and license = "MIT OR Apache-2.0"',
            )
        for key in ("readme", "license-file"):
            path = named_file(view, crate, key)
            if path is not None and not view.has(path):
                yield view.at(
                    "PIOT_FILE_MISSING",
                    "error",
                    f'"{key}" names {path}, which does not exist',
                    crate.manifest,
                    ("package", key),
                    package=package,
                    fix="add the file, or correct the name",
                )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def requirements(view: View) -> Iterator[Finding]:
    """Dependencies that cargo refuses to publish with: without a version, or on what is never published."""
    for package, _, crate in released(view):
        for each in dependencies(view, crate):
            if not each.ships:
                continue
            if each.requirement is None and (each.directory is not None or each.git):
                what = "path" if each.directory is not None else "git source"
                found = None if each.directory is None else view.crate(each.directory)
                version = found.version if found else "1.2.3"
                yield view.at(
                    "PIOT_CRATES_PATH_WITHOUT_VERSION",
                    "error",
                    f'"{each.where[-1]}" has a {what} and no version, and cargo publishes no crate with such',
                    *each.source,
                    package=package,
                    fix=f'add version = "{version}" beside it',
                )
            yield from _unpublished(view, package, each)


def _unpublished(view: View, package: Package, each: Dependency) -> Iterator[Finding]:
    found = None if each.directory is None else view.crate(each.directory)
    if found is not None and not found.publish:
        yield view.at(
            "PIOT_CRATES_DEPENDENCY_UNPUBLISHED",
            "error",
            f'it depends on {found.name}, which "publish" in {found.manifest} keeps from being published',
            each.manifest,
            each.where,
            package=package,
            fix=f'remove "publish" there and release {found.name} too, or depend on it for tests only',
        )


def versions(view: View) -> Iterator[Finding]:
    """Versions of crates as Cargo spells them, and requirements that the crate beside them satisfies."""
    crates = {each.directory: each for space in view.workspaces.values() for each in space.members.values()}
    for crate in crates.values():
        package = view.owners.get(crate.directory)
        try:
            Semver.parse(crate.version)
        except InputError as wrong:
            yield view.at(
                "PIOT_VERSION_SPELLING",
                "error",
                f"{wrong.message} that cargo can read",
                *_version_place(view, crate),
                package=None if crate.version_inherited else package,
                fix=wrong.hint,
            )
        for each in dependencies(view, crate):
            found = None if each.directory is None else view.crate(each.directory)
            known = found is not None and isinstance(inherited(view, found, "version"), str)
            if known and found and each.requirement is not None and not _accepts(each.requirement, found):
                yield view.at(
                    "PIOT_CRATES_REQUIREMENT",
                    "error",
                    f'"{each.where[-1]}" wants {each.requirement}, but {found.manifest} says {found.version}',
                    *each.source,
                    package=package if each.source[0] == crate.manifest else None,
                    fix=f'write version = "{found.version}"',
                )


def _version_place(view: View, crate: Crate) -> tuple[str, tuple[str, ...]]:
    if crate.version_inherited:
        return view.workspaces[crate.directory].manifest, ("workspace", "package", "version")
    return crate.manifest, ("package", "version")


def _accepts(requirement: str, crate: Crate) -> bool:
    """True as well for what cannot be read, of which cargo complains itself."""
    try:
        return accepts(requirement, Semver.parse(crate.version))
    except InputError:
        return True
