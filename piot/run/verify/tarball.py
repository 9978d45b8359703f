"""Packages of npm: what ``npm pack`` writes and a registry of npm takes."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import cast

from piot.model.proof import TarballProof
from piot.model.triple import Triple
from piot.run.verify.archive import Archive, read_tar_gz
from piot.run.verify.entries import entry_findings, program_findings, program_notes
from piot.run.verify.machines import platform_of
from piot.run.verify.native import format_of, platform_findings, read_native

TOP = "package/"
"""The folder that all of a tarball is in."""

_LICENCE = re.compile(r"(licen[cs]e|copying)(\..*|-.*)?", re.IGNORECASE)
_README = re.compile(r"readme(\..*)?", re.IGNORECASE)
_LOCAL = re.compile(r"(workspace|file|link|portal|catalog|patch):")
"""Ways to name a dependency that mean something in its repository only."""


def tarball_findings(file_name: str, data: bytes, proof: TarballProof) -> Iterator[str]:
    """What is wrong with the package ``data`` that is called ``file_name``, one sentence each."""
    archive = read_tar_gz(data)
    yield from archive.findings
    if archive.findings:
        return
    for link in archive.links:
        yield f"Member {link} is a link, which npm does not install."
    outside = [name for name in archive.members if not name.startswith(TOP)]
    if outside:
        yield f"{file_name} has members outside of {TOP}: {', '.join(outside[:5])}."
    manifest = manifest_of(archive.members)
    if isinstance(manifest, str):
        yield manifest
        return
    yield from _identity_findings(file_name, manifest, proof)
    files, executable = _inside(archive), _executable(archive)
    yield from entry_findings(manifest, files)
    yield from program_findings(manifest, files, executable)
    yield from _dependency_findings(manifest)
    if proof.triple is not None:
        yield from _platform_findings(manifest, archive.members, proof.triple)


def tarball_notes(file_name: str, data: bytes) -> Iterator[str]:
    """What a sound package should have, but can do without."""
    archive = read_tar_gz(data)
    files, manifest = _inside(archive), manifest_of(archive.members)
    for what, pattern in (("README", _README), ("licence", _LICENCE)):
        if not any(pattern.fullmatch(name) for name in files):
            yield f"{file_name} has no {what} in it"
    if not isinstance(manifest, str):
        for note in program_notes(manifest, files, _executable(archive)):
            yield f"{file_name}: {note}"


def manifest_of(members: Mapping[str, bytes]) -> Mapping[str, object] | str:
    """The package.json of a package's members, or a sentence that says what is wrong with it."""
    where = f"{TOP}package.json"
    if where not in members:
        return f"There is no {where}."
    try:
        found: object = json.loads(members[where])
    except ValueError as error:
        return f"{where} is not JSON: {error}."
    return cast("dict[str, object]", found) if isinstance(found, dict) else f"{where} is no object."


def _inside(archive: Archive) -> dict[str, bytes]:
    return {name.removeprefix(TOP): data for name, data in archive.members.items()}


def _executable(archive: Archive) -> frozenset[str]:
    return frozenset(name.removeprefix(TOP) for name in archive.executables)


def _identity_findings(file_name: str, manifest: Mapping[str, object], proof: TarballProof) -> Iterator[str]:
    for key, expected in (("name", proof.name), ("version", proof.version)):
        if manifest.get(key) != expected:
            yield f"{TOP}package.json has the {key} {manifest.get(key)}, expected {expected}."
    wanted = f"{proof.name.removeprefix('@').replace('/', '-')}-{proof.version}.tgz"
    if file_name != wanted:
        yield f"The file is called {file_name}, expected {wanted}."


def _dependency_findings(manifest: Mapping[str, object]) -> Iterator[str]:
    """Dependencies that nobody outside of the repository could install; those for development are not."""
    for kind in ("dependencies", "optionalDependencies", "peerDependencies"):
        table = manifest.get(kind)
        for name, wanted in cast("dict[str, object]", table).items() if isinstance(table, dict) else ():
            if isinstance(wanted, str) and _LOCAL.match(wanted):
                yield f"{TOP}package.json has {name} as {wanted} in {kind}, which only its repository knows."


def _platform_findings(
    manifest: Mapping[str, object], members: Mapping[str, bytes], triple: str
) -> Iterator[str]:
    known = Triple.parse(triple)
    for key, values in (("os", known.npm_os), ("cpu", known.npm_cpu), ("libc", known.npm_libc)):
        found = manifest.get(key)
        if found != (list(values) or None):
            expected = json.dumps(list(values)) if values else "none"
            shown = "none" if found is None else json.dumps(found)
            yield f"{TOP}package.json has the {key} {shown}, expected {expected} for {triple}."
    platform = platform_of(triple)
    natives = {name: data for name, data in members.items() if format_of(data)}
    if not natives:
        yield f"The package is for {triple}, but holds no program or library."
    for name, data in natives.items():
        try:
            native = read_native(data)
        except ValueError as error:
            yield f"{posixpath.basename(name)} cannot be proven: {error}."
        else:
            yield from platform_findings(name, native, platform)
