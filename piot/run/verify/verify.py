"""Questions to a result before it is stored: is it what it claims, does it name this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import assert_never

from piot.effects.peek import read_if_there
from piot.model.proof import (
    ArchiveProof,
    BinaryProof,
    CrateProof,
    LibraryProof,
    Proof,
    SdistProof,
    TarballProof,
    WheelProof,
)
from piot.run.verify.crate import crate_findings
from piot.run.verify.leaks import Leak, find_leaks
from piot.run.verify.native import native_findings
from piot.run.verify.release import release_findings
from piot.run.verify.sdist import sdist_findings
from piot.run.verify.tarball import tarball_findings, tarball_notes
from piot.run.verify.wheel import wheel_findings

PYPI_LIMIT = 100 * 1024 * 1024
"""Bytes of a file that PyPI takes of projects that did not ask for more (PyPI help, *file size limit*)."""


def verify(path: Path, proof: Proof) -> tuple[str, ...]:
    """What is wrong with the file at ``path``, one sentence each; empty when ``proof`` holds.

    Archives are read in memory and never unpacked. Raises MachineError when the file cannot be read.
    """
    data = read_if_there(path)
    if data is None:
        return (f"{path.name} is missing, or is not a file.",)
    return tuple(_findings(path.name, data, proof))


def notes(path: Path, proof: Proof) -> tuple[str, ...]:
    """What a sound file lacks that people expect of its kind, or may stumble over, said but not refused."""
    data = read_if_there(path) or b""
    if isinstance(proof, TarballProof):
        return tuple(tarball_notes(path.name, data))
    if isinstance(proof, WheelProof | SdistProof) and len(data) > PYPI_LIMIT:
        limit = f"more than {PYPI_LIMIT} only of projects that asked for it"
        return (f"{path.name} has {len(data)} bytes: PyPI takes {limit}",)
    return ()


def leaks(path: Path, forbidden: Sequence[bytes | str]) -> tuple[Leak, ...]:
    """Where the file, or a file inside it, names one of the ``forbidden`` paths of the build machine.

    ``forbidden`` are absolute paths: the exec root, the home folder, the store.
    A file that is not there has none. Raises MachineError when it cannot be read.
    """
    return find_leaks(read_if_there(path) or b"", forbidden)


def _findings(name: str, data: bytes, proof: Proof) -> Iterator[str]:
    match proof:
        case WheelProof():
            return wheel_findings(name, data, proof)
        case SdistProof():
            return sdist_findings(name, data, proof)
        case CrateProof():
            return crate_findings(name, data, proof)
        case TarballProof():
            return tarball_findings(name, data, proof)
        case ArchiveProof():
            return release_findings(name, data, proof)
        case BinaryProof() | LibraryProof():
            return native_findings(name, data, proof)
        case _:
            assert_never(proof)
