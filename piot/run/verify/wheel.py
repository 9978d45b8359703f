"""Wheels: sound, complete, named truly, and built for the platform that their tags promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from piot.errors import listed
from piot.model.proof import WheelProof
from piot.run.verify.archive import Archive, read_zip
from piot.run.verify.machines import Platform, platform_of
from piot.run.verify.metadata import identity_findings, license_findings, read_metadata
from piot.run.verify.native import glibc_floor
from piot.run.verify.record import record_findings
from piot.run.verify.tags import PlatformTag, parse_tag
from piot.run.verify.wheel_native import Content, content_findings

if TYPE_CHECKING:
    from packaging.tags import Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """What a wheel's file name says: project, version and tags."""

    name: str
    version: str
    tags: frozenset[Tag]


def wheel_findings(file_name: str, data: bytes, proof: WheelProof) -> Iterator[str]:
    """What is wrong with the wheel ``data`` that is called ``file_name``, one sentence each.

    PyPA's binary distribution format, PEP 425 (tags), PEP 600 (manylinux), PEP 656 (musllinux).
    """
    name = _parse_name(file_name)
    if isinstance(name, str):
        yield name
        return
    yield from identity_findings(file_name, (name.name, name.version), (proof.name, proof.version))
    platforms = _platforms(name.tags)
    yield from _promise_findings(file_name, name.tags, platforms, proof)
    archive = read_zip(data)
    yield from archive.findings
    folder = None if archive.findings else _dist_info(archive.members)
    if folder is None:
        if not archive.findings:
            yield f"{file_name} has no single .dist-info folder with METADATA, WHEEL and RECORD."
        return
    yield from record_findings(folder, archive.members)
    yield from _folder_findings(folder, archive, name)
    yield from _metadata_findings(folder, archive.members, name)
    yield from _wheel_file_findings(folder, archive.members, name)
    yield from _program_findings(archive, proof.programs)
    abis = frozenset(tag.abi for tag in name.tags)
    yield from content_findings(Content(members=archive.members, platforms=platforms, abis=abis))


def _program_findings(archive: Archive, programs: Iterable[str]) -> Iterator[str]:
    """Programs that are to be shipped inside and are not there, or cannot be started."""
    for program in programs:
        found = [member for member in archive.members if member.rpartition("/")[2] == program]
        if not found:
            yield f"The program {program} is not in the wheel: [tool.maturin] include does not cover it."
        elif archive.executables.isdisjoint(found):
            yield f"{found[0]} is a program, but is not executable in the wheel."


def _parse_name(file_name: str) -> _Name | str:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        name, version, _, tags = parse_wheel_filename(file_name)
    except InvalidWheelFilename as error:
        return f"{file_name} is not a wheel's file name: {error}."
    return _Name(name=name, version=str(version), tags=tags)


def _platforms(tags: Iterable[Tag]) -> tuple[PlatformTag, ...]:
    """The different platforms of a tag set; manylinux2014 and manylinux_2_17 are one."""
    parsed = [parse_tag(text) for text in sorted({tag.platform for tag in tags})]
    return tuple({(tag.family, tag.version, tag.arch): tag for tag in parsed}.values())


def _promise_findings(
    file_name: str, tags: Iterable[Tag], platforms: tuple[PlatformTag, ...], proof: WheelProof
) -> Iterator[str]:
    """Tags that differ from what the rule asked for: Python, ABI, triple, glibc."""
    if proof.abi3 is not None:
        expected = ("cp{}{}".format(*proof.abi3), "abi3")
        if other := sorted({f"{t.interpreter}-{t.abi}" for t in tags if (t.interpreter, t.abi) != expected}):
            yield f"{file_name} is tagged {listed(other)}, expected {'-'.join(expected)}."
    elif proof.python is not None and proof.python not in (found := {t.interpreter for t in tags}):
        yield f"{file_name} is tagged {listed(sorted(found))}, expected {proof.python}."
    wanted = None if proof.triple is None else platform_of(proof.triple)
    floor = None if proof.glibc is None else glibc_floor(proof.glibc)
    for tag in platforms:
        if wanted is not None and not _serves(tag, wanted):
            yield f"{file_name} is tagged {tag}, expected a platform tag for {wanted.text}."
        elif floor is not None and _is_newer(tag, floor):
            yield f"{file_name} is tagged {tag}, expected manylinux for glibc {proof.glibc} or older."


def _is_newer(tag: PlatformTag, floor: tuple[int, int]) -> bool:
    """Whether a tag asks for a newer glibc; plain ``linux`` promises nothing and may ask for any."""
    return tag.family == "linux" or (tag.family == "manylinux" and (tag.version or floor) > floor)


def _serves(tag: PlatformTag, wanted: Platform) -> bool:
    same_libc = None in (tag.platform.libc, wanted.libc) or tag.platform.libc == wanted.libc
    covered = bool(wanted.machines) and wanted.machines <= tag.platform.machines
    return tag.platform.os == wanted.os and same_libc and (covered or wanted.os in ("wasm", "other"))


def _dist_info(members: Mapping[str, bytes]) -> str | None:
    folders = {name.split("/")[0] for name in members if name.split("/")[0].endswith(".dist-info")}
    if len(folders) != 1:
        return None
    folder = folders.pop()
    needed = {f"{folder}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    return folder if needed <= members.keys() else None


def _folder_findings(folder: str, archive: Archive, name: _Name) -> Iterator[str]:
    """The name and version of the ``.dist-info`` and ``.data`` folders."""
    stem = folder.removesuffix(".dist-info")
    project, _, version = stem.rpartition("-")
    yield from identity_findings(folder, (project, version), (name.name, name.version))
    others = {top for top in (member.split("/")[0] for member in archive.members) if top.endswith(".data")}
    for other in sorted(others - {f"{stem}.data"}):
        yield f"The folder {other} belongs to no installation scheme, expected {stem}.data."


def _metadata_findings(folder: str, members: Mapping[str, bytes], name: _Name) -> Iterator[str]:
    where = f"{folder}/METADATA"
    try:
        metadata = read_metadata(members[where])
    except ValueError as error:
        yield f"{where} is not valid core metadata: {error}."
        return
    yield from identity_findings(where, (metadata.name, str(metadata.version)), (name.name, name.version))
    yield from license_findings(metadata, f"{folder}/licenses", members)


def _wheel_file_findings(folder: str, members: Mapping[str, bytes], name: _Name) -> Iterator[str]:
    """WHEEL: a format version that installers know, and the tags of the file name."""
    import email

    from packaging.tags import Tag
    from packaging.tags import parse_tag as parse_tags

    where = f"{folder}/WHEEL"
    fields = email.message_from_bytes(members[where])
    format_version = str(fields.get("Wheel-Version", "none"))
    if format_version.split(".")[0] != "1":
        yield f"{where} has Wheel-Version {format_version}, expected 1.0."
    try:
        actual = frozenset[Tag]().union(*(parse_tags(str(text)) for text in fields.get_all("Tag", [])))
    except ValueError as error:
        yield f"{where} has a tag that cannot be read: {error}."
        return
    if actual != name.tags:
        there, expected = (listed(sorted(map(str, tags))) or "none" for tags in (actual, name.tags))
        yield f"{where} has the tags {there}, expected those of the file name: {expected}."
