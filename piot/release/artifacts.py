"""The files of a folder that are to be published: which package each is of, with its digests."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from piot.effects.peek import files_like, read_if_there
from piot.errors import InputError
from piot.model.npm.packument import tarball_name
from piot.model.package import Kind, Package
from piot.model.pins import canonical
from piot.model.python.index import file_version
from piot.model.release.artifact import Artifact, ArtifactKind
from piot.model.semver import Semver

_Names: TypeAlias = dict[tuple[Kind, str], Package]
_SUFFIXES = (".crate", ".whl", ".tar.gz", ".tgz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An artifact and the file that it is."""

    artifact: Artifact
    path: Path

    def read(self) -> bytes:
        """The bytes that were proven; raises InputError when others are there by now."""
        data = read_if_there(self.path) or b""
        if hashlib.sha256(data).hexdigest() != self.artifact.sha256:
            raise InputError(
                f"{self.path} was changed while piot was at work", hint="let nobody build there meanwhile"
            )
        return data


def find(folder: Path, packages: Sequence[Package]) -> tuple[Found, ...]:
    """The artifacts of ``packages`` in a folder and in those below it, sorted by path.

    Files of other packages are left out, and those that no registry takes. Raises InputError for a file
    that cannot be opened as what its name says, and for two different files of one name.
    """
    names: _Names = {(each.kind, _key(each, name)): each for each in packages for name in each.registry_names}
    found: dict[tuple[str, str], Found] = {}
    for path in _candidates(folder):
        made = _artifact(path, names)
        if made is None:
            continue
        key = (made.artifact.registry_name, made.artifact.file)
        other = found.setdefault(key, made)
        if other.artifact != made.artifact:
            raise InputError(
                f"{other.path} and {path} are different files of one name",
                hint="keep the one that is to be published",
            )
    return tuple(found.values())


def _candidates(folder: Path) -> Iterable[Path]:
    return (path for path in files_like(folder, "**/*") if path.name.endswith(_SUFFIXES))


def _key(package: Package, name: str) -> str:
    return canonical(name) if package.kind == "pypi" else name


def _artifact(path: Path, names: _Names) -> Found | None:
    data = read_if_there(path) or b""
    if path.name.endswith(".tgz"):
        return _npm(path, data, names)
    if path.name.endswith(".crate"):
        name, _, version = _split_crate(path.name)
        package = names.get(("crates", name))
        return None if package is None else _found(path, data, package, "crate", name, version)
    version = file_version(path.name) or ""
    project = canonical(path.name.partition("-")[0] if path.name.endswith(".whl") else _sdist_name(path.name))
    package = names.get(("pypi", project))
    if package is None or not version:
        return None
    kind: ArtifactKind = "wheel" if path.name.endswith(".whl") else "sdist"
    return _found(path, data, package, kind, package.registry_name, version)


def _split_crate(filename: str) -> tuple[str, str, str]:
    """Name and version of ``demo-1.0.0-rc.1.crate``; a name has no dot, and no part of it is a version."""
    stem, at = filename.removesuffix(".crate"), -1
    while (at := stem.find("-", at + 1)) >= 0:
        try:
            return stem[:at], "-", str(Semver.parse(stem[at + 1 :]))
        except InputError:
            continue
    return stem, "", ""


def _sdist_name(filename: str) -> str:
    return filename.removesuffix(".tar.gz").rpartition("-")[0]


def manifest(path: Path) -> Mapping[str, object]:
    """The package.json of a tarball; raises InputError when there is none."""
    return _manifest(path, read_if_there(path) or b"")


def _npm(path: Path, data: bytes, names: _Names) -> Found | None:
    said = _manifest(path, data)
    name, version = str(said["name"]), str(said["version"])
    package = names.get(("npm", name))
    if package is None:
        return None
    kind: ArtifactKind = "npm-package" if name == package.registry_name else "npm-platform"
    return _found(path, data, package, kind, name, version, file=tarball_name(name, version))


def _manifest(path: Path, data: bytes) -> Mapping[str, object]:
    """The package.json of a tarball, with name and version: the file's own name does not tell the scope."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
            member = archive.extractfile("package/package.json")
            said = cast("dict[str, object]", json.loads(member.read()) if member is not None else {})
        return {**said, "name": said["name"], "version": said["version"]}
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no package of npm: its package.json cannot be read") from error


def _found(
    path: Path,
    data: bytes,
    package: Package,
    kind: ArtifactKind,
    name: str,
    version: str,
    *,
    file: str | None = None,
) -> Found:
    artifact = Artifact(
        package=package.name,
        kind=kind,
        registry_name=name,
        version=version,
        file=file or path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        integrity=f"sha512-{base64.b64encode(hashlib.sha512(data).digest()).decode()}",
        shasum=hashlib.sha1(data, usedforsecurity=False).hexdigest() if package.kind == "npm" else None,
    )
    return Found(artifact=artifact, path=path)
