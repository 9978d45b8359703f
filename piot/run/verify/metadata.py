"""Core metadata (METADATA of a wheel, PKG-INFO of an sdist) and the names and versions in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.metadata import Metadata


def read_metadata(data: bytes) -> Metadata:
    """Core metadata, validated as registries do; raises ValueError with every problem."""
    from packaging.metadata import Metadata

    try:
        return Metadata.from_email(data, validate=True)
    except ExceptionGroup as group:
        raise ValueError("; ".join(str(error) for error in group.exceptions)) from group


def identity_findings(where: str, actual: tuple[str, str], expected: tuple[str, str | None]) -> Iterator[str]:
    """Where (name, version) differ: names normalised (PEP 503), versions as PEP 440 reads them."""
    from packaging.utils import canonicalize_name

    if canonicalize_name(actual[0]) != canonicalize_name(expected[0]):
        yield f"{where} has the name {actual[0]}, expected {expected[0]}."
    if expected[1] is not None and not same_version(actual[1], expected[1]):
        yield f"{where} has the version {actual[1]}, expected {expected[1]}."


def same_version(left: str, right: str) -> bool:
    """Whether two texts are one version (PEP 440); Cargo's ``1.0.0-rc.1`` is ``1.0.0rc1``."""
    from packaging.version import InvalidVersion, Version

    try:
        return Version(left) == Version(right)
    except InvalidVersion:
        return left == right


def license_findings(metadata: Metadata, folder: str, members: Collection[str]) -> Iterator[str]:
    """License-File entries (PEP 639, metadata 2.4) that are not in ``folder``; registries refuse them."""
    for name in metadata.license_files or []:
        if f"{folder}/{name}" not in members:
            yield f"License-File {name} is named in the metadata, expected at {folder}/{name}, and missing."
