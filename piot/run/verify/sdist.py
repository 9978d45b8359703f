"""Source distributions (PEP 517, PEP 625)."""

from __future__ import annotations

from collections.abc import Iterator

from piot.model.proof import SdistProof
from piot.run.verify.archive import Archive, read_tar_gz
from piot.run.verify.metadata import identity_findings, license_findings, read_metadata


def sdist_findings(file_name: str, data: bytes, proof: SdistProof) -> Iterator[str]:
    """What is wrong with the source distribution ``data`` called ``file_name``, one sentence each."""
    from packaging.utils import InvalidSdistFilename, parse_sdist_filename

    try:
        name, version = parse_sdist_filename(file_name)
    except InvalidSdistFilename as error:
        yield f"{file_name} is not a source distribution's file name: {error}."
        return
    if not file_name.endswith(".tar.gz"):
        yield f"{file_name} is not a .tar.gz, the only format of PEP 625."
        return
    yield from identity_findings(file_name, (name, str(version)), (proof.name, proof.version))
    archive = read_tar_gz(data)
    yield from archive.findings
    if archive.findings:
        return
    yield from _archive_findings(file_name, archive, (name, str(version)))


def _archive_findings(file_name: str, archive: Archive, identity: tuple[str, str]) -> Iterator[str]:
    """One folder, with what PEP 517 wants in it, and metadata that say ``identity`` (name, version) too."""
    folder = file_name.removesuffix(".tar.gz")
    tops = sorted({member.split("/")[0] for member in (*archive.members, *archive.links)})
    if tops != [folder]:
        yield f"{file_name} has the top folders {', '.join(tops) or 'none'}, expected only {folder}."
        return
    for needed in ("PKG-INFO", "pyproject.toml"):
        if f"{folder}/{needed}" not in archive.members:
            yield f"{file_name} has no {folder}/{needed}."
    where = f"{folder}/PKG-INFO"
    if where not in archive.members:
        return
    try:
        metadata = read_metadata(archive.members[where])
    except ValueError as error:
        yield f"{where} is not valid core metadata: {error}."
        return
    yield from identity_findings(where, (metadata.name, str(metadata.version)), identity)
    yield from license_findings(metadata, folder, archive.members)
