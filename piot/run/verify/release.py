"""Release archives: what people download who have no package manager."""

from __future__ import annotations

from collections.abc import Iterator

from piot.model.proof import ArchiveProof, BinaryProof
from piot.run.verify.archive import Archive, read_tar_gz, read_tar_xz, read_zip
from piot.run.verify.native import native_findings

READERS = {".tar.gz": read_tar_gz, ".tar.xz": read_tar_xz, ".zip": read_zip}


def release_findings(file_name: str, data: bytes, proof: ArchiveProof) -> Iterator[str]:
    """What is wrong with the archive ``data`` that is called ``file_name``, one sentence each."""
    if file_name != proof.file:
        yield f"The file is called {file_name}, expected {proof.file}."
        return
    read = next(reader for ending, reader in READERS.items() if file_name.endswith(ending))
    archive = read(data)
    yield from archive.findings
    if archive.findings:
        return
    for link in archive.links:
        yield f"Member {link} is a link, which not every platform unpacks."
    yield from _name_findings(archive, proof)
    for name in proof.programs:
        if name in archive.members:
            yield from _program_findings(name, archive, proof.triple)


def _name_findings(archive: Archive, proof: ArchiveProof) -> Iterator[str]:
    """Names that were planned and are not there, and the other way round."""
    for name in proof.files:
        if name not in archive.members:
            yield f"There is no {name}."
    others = [name for name in archive.members if name not in proof.files]
    for folder in proof.folders:
        if not any(name.startswith(folder) for name in others):
            yield f"There is nothing in {folder or 'it'} of what was to be put there."
    for name in others:
        if not name.startswith(proof.folders):
            yield f"Member {name} was not planned."


def _program_findings(name: str, archive: Archive, triple: str) -> Iterator[str]:
    """A script runs wherever there is what its first line names."""
    if name not in archive.executables:
        yield f"{name} is a program, but is not executable."
    if not archive.members[name].startswith(b"#!"):
        yield from native_findings(name, archive.members[name], BinaryProof(triple=triple))
