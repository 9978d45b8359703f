"""What is fetched from the network: blobs pinned by hash, git sources pinned by revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from piot.errors import InputError

_HEX64 = re.compile(r"[0-9a-f]{64}")
_REVISION = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrateFetch:
    """One ``.crate`` of a cargo registry.

    ``sha256`` is the ``checksum`` of ``Cargo.lock`` and ``registry`` its ``source`` as written there
    (``registry+https://…`` or ``sparse+https://…``).
    """

    name: str
    version: str
    sha256: str
    registry: str

    def __post_init__(self) -> None:
        _need(_HEX64, self.sha256, f"checksum of {self.name} {self.version}")

    @property
    def filename(self) -> str:
        """The name that cargo gives the file in its cache and in local registries."""
        return f"{self.name}-{self.version}.crate"

    def __str__(self) -> str:
        return f"crate {self.name} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoGitFetch:
    """The crate ``name`` of a git repository at one revision (a full commit id)."""

    name: str
    url: str
    revision: str

    def __post_init__(self) -> None:
        _need(_REVISION, self.revision, f"revision of {self.name}")

    @classmethod
    def parse(cls, name: str, source: str) -> CargoGitFetch:
        """From the ``source`` text of ``Cargo.lock``: ``git+<url>[?rev=|branch=|tag=…]#<commit>``.

        Raises InputError when the text is anything else.
        """
        address, _, revision = source.removeprefix("git+").partition("#")
        if not source.startswith("git+"):
            raise InputError(f"source of {name} in Cargo.lock is not a git source: {source!r}")
        return cls(name=name, url=address.partition("?")[0], revision=revision)

    def __str__(self) -> str:
        return f"git crate {self.name} at {self.revision[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PypiFetch:
    """One wheel of a Python package index; ``size`` is in bytes, None when the index does not tell."""

    project: str
    version: str
    filename: str
    sha256: str
    size: int | None = None

    def __post_init__(self) -> None:
        _need(_HEX64, self.sha256, f"sha256 of {self.filename}")

    @property
    def name(self) -> str:
        return self.project

    def __str__(self) -> str:
        return f"{self.project} {self.version} ({self.filename})"


Fetch: TypeAlias = CrateFetch | CargoGitFetch | PypiFetch


def _need(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise InputError(f"{what} is not lower-case hex of the right length: {text!r}")
