"""Planned versions laid over manifests and locks; only the versions change, every other byte stays."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from piot.errors import InputError
from piot.model.cargo.facts import Crate, Workspace
from piot.model.cargo.lockfile import with_versions
from piot.model.cargo.tables import path_entries
from piot.model.npm.package_json import with_package_version, with_texts
from piot.model.npm.project import NpmProject
from piot.model.npm.stamp import npm_texts
from piot.model.package import NpmSettings, Package, PypiSettings
from piot.model.python.pyproject import python_version
from piot.model.semver import Semver, raised
from piot.model.tables import table_at
from piot.model.toml_text import Where, read_toml, with_strings


def stamp(
    files: Mapping[str, str],
    versions: Mapping[str, str],
    *,
    packages: Sequence[Package],
    workspaces: Sequence[Workspace],
    npm: Sequence[NpmProject] = (),
) -> dict[str, str]:
    """The texts that change when packages get planned versions, by path.

    ``files`` are the texts by path of all manifests of the workspaces and packages, ``versions`` are by
    package name, in Cargo's spelling. A crate gets the version of its crates.io package or of the
    maturin wheel whose version it is; else that of the npm package beside it or of the package that
    bundles it, when they agree. Requirements of crates and npm packages of the repository follow with
    their operators; ``npm`` are the projects of its npm packages.
    Raises InputError when two packages need one place, or when a version has none.
    """
    wanted = [(package, versions[package.name]) for package in packages if package.name in versions]
    for _, version in wanted:
        Semver.parse(version)
    overlay, claims = _Overlay(files), _Claims.within(workspaces)
    for package, version in wanted:
        _claim(claims, overlay, package, version)
    planned = claims.versions()
    for workspace in workspaces:
        _stamp_workspace(overlay, workspace, planned)
    by_path = {package.path: version for package, version in wanted if package.kind == "npm"}
    for path, texts in npm_texts(npm, by_path).items():
        overlay.whole[path] = with_texts(overlay.whole.get(path, files[path]), path, texts)
    return overlay.changed()


@dataclass(slots=True)
class _Overlay:
    """The texts, with edits to come."""

    files: Mapping[str, str]
    strings: dict[str, dict[Where, str]] = field(
        default_factory=lambda: defaultdict[str, dict[Where, str]](dict)
    )
    whole: dict[str, str] = field(default_factory=dict[str, str])

    def changed(self) -> dict[str, str]:
        found = {path: with_strings(self.files[path], edits) for path, edits in self.strings.items()}
        texts = {**found, **self.whole}
        return {path: text for path, text in sorted(texts.items()) if text != self.files.get(path)}


@dataclass(frozen=True, slots=True)
class _Claim:
    package: str
    version: str
    firm: bool


@dataclass(slots=True)
class _Claims:
    """Who wants which version for a place: the manifest that holds the version of one or more crates."""

    crates: Mapping[str, Crate]
    workspaces: Mapping[str, Workspace]
    made: dict[str, list[_Claim]] = field(default_factory=lambda: defaultdict[str, list[_Claim]](list))

    @classmethod
    def within(cls, workspaces: Sequence[Workspace]) -> _Claims:
        """None yet; crates are by directory, and of workspaces those that a crate is a member of."""
        crates: dict[str, Crate] = {}
        for one in workspaces:
            crates |= {**one.others, **one.members}
        return cls(crates, {directory: one for one in workspaces for directory in one.members})

    def add(self, directory: str, package: str, version: str, *, firm: bool) -> None:
        self.made[self._place(directory)].append(_Claim(package, version, firm))

    def versions(self) -> dict[str, str]:
        """The version of every crate that gets one, by directory."""
        places = {
            place: version for place, claims in self.made.items() if (version := _agreed(place, claims))
        }
        by_crate = {directory: self._place(directory) for directory in self.crates}
        return {directory: places[place] for directory, place in by_crate.items() if place in places}

    def _place(self, directory: str) -> str:
        crate = self.crates[directory]
        inherits = crate.version_inherited and directory in self.workspaces
        return f"[workspace.package] in {self.workspaces[directory].manifest}" if inherits else crate.manifest


def _agreed(place: str, claims: Sequence[_Claim]) -> str | None:
    """The version that the firm claims agree on, or without any the others."""
    firm = [claim for claim in claims if claim.firm]
    found = {claim.version: claim for claim in firm or claims}
    if len(found) == 1:
        return next(iter(found))
    if not firm:
        return None
    one, other, *_ = found.values()
    both = f"{one.package} {one.version} and {other.package} {other.version}"
    message = f"{both} need different versions in one place: {place}"
    raise InputError(
        message, hint="give each crate a version of its own, or release them with one version_group"
    )


def _claim(claims: _Claims, overlay: _Overlay, package: Package, version: str) -> None:
    """Notes what a package wants of crates, and edits what is its alone."""

    def soft(directory: str) -> None:
        if directory in claims.crates:
            claims.add(directory, package.name, version, firm=False)

    match package.settings:
        case PypiSettings(build=build, bundle_cli=cli):
            _claim_python(claims, overlay, package, version, maturin=build == "maturin")
        case NpmSettings(bundle_cli=cli):
            path = posixpath.normpath(posixpath.join(package.path, "package.json"))
            overlay.whole[path] = with_package_version(_text(overlay, path, package), path, version)
            soft(package.path)
        case _:
            cli = None
            if package.path not in claims.crates:
                raise InputError(f"{package.name}: {package.path} has no crate to write the version into")
            claims.add(package.path, package.name, version, firm=True)
    if cli is not None:
        soft(cli.crate_path)


def _claim_python(
    claims: _Claims, overlay: _Overlay, package: Package, version: str, *, maturin: bool
) -> None:
    path = posixpath.normpath(posixpath.join(package.path, "pyproject.toml"))
    document = read_toml(_text(overlay, path, package), path)
    static = isinstance(table_at(document, "project").get("version"), str)
    if static:
        overlay.strings[path]["project", "version"] = python_version(version)
    if not maturin:
        return
    manifest = table_at(document, "tool", "maturin").get("manifest-path", "Cargo.toml")
    crate = posixpath.dirname(posixpath.normpath(posixpath.join(package.path, str(manifest)))) or "."
    if crate in claims.crates:
        python_version(version)
        claims.add(crate, package.name, version, firm=not static)
    elif not static:
        message = (
            f"{package.name}: the version of {path} is dynamic, but {crate} has no crate to take it from"
        )
        raise InputError(message, hint="correct [tool.maturin] manifest-path, or add the Cargo.toml")


def _text(overlay: _Overlay, path: str, package: Package) -> str:
    if path not in overlay.files:
        raise InputError(f"{package.name}: there is no {path} to write the version into")
    return overlay.files[path]


def _stamp_workspace(overlay: _Overlay, workspace: Workspace, planned: Mapping[str, str]) -> None:
    """Writes versions, requirements and the lock of one workspace."""
    crates = {**workspace.others, **workspace.members}
    for directory in sorted(planned.keys() & workspace.members.keys()):
        inherits = crates[directory].version_inherited
        path = workspace.manifest if inherits else crates[directory].manifest
        where: Where = ("workspace", "package", "version") if inherits else ("package", "version")
        if not inherits and not _has(overlay.files[path], path, where):
            hint = 'add version = "0.0.0" to its [package]'
            raise InputError(f"{path}: there is no version to replace", hint=hint)
        overlay.strings[path][where] = planned[directory]
    manifests = {crate.manifest: crate.directory for crate in crates.values()} | {
        workspace.manifest: workspace.root
    }
    for path, directory in sorted(manifests.items()):
        _stamp_requirements(overlay, path, directory, planned)
    if workspace.lock_text is not None:
        names = {crate.name: planned[one] for one, crate in crates.items() if one in planned}
        if (lock := with_versions(workspace.lock_text, names)) != workspace.lock_text:
            overlay.whole[workspace.lock_path] = lock


def _has(text: str, path: str, where: Where) -> bool:
    *tables, key = (str(part) for part in where)
    return key in table_at(read_toml(text, path), *tables)


def _stamp_requirements(overlay: _Overlay, path: str, directory: str, planned: Mapping[str, str]) -> None:
    for where, target, entry in path_entries(read_toml(overlay.files[path], path), directory):
        requirement = entry.get("version")
        if target not in planned or not isinstance(requirement, str):
            continue
        new = raised(requirement, Semver.parse(planned[target]))
        if new is None:
            message = (
                f'{path}: the requirement "{requirement}" on {where[-1]} does not accept {planned[target]}'
            )
            raise InputError(message, hint=f'write "{planned[target]}", or a wider requirement')
        overlay.strings[path][*where, "version"] = new
