"""What is fetched from the network: blobs pinned by hash, git sources pinned by revision."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
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


_ALGORITHMS = {"sha512": 64, "sha384": 48, "sha256": 32}
"""Hash functions of Subresource Integrity (W3C), the strongest first, with the bytes of their digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmFetch:
    """One ``.tgz`` of a registry of npm.

    ``integrity`` is one hash of package-lock.json (``sha512-`` and base64). ``address`` is only given where
    it is another than that of the registry. ``directory`` is the folder of the repository whose ``.npmrc``
    counts.
    """

    name: str
    version: str
    integrity: str
    address: str = ""
    directory: str = field(default=".", compare=False)

    def __post_init__(self) -> None:
        algorithm, digest = self._parts()
        if len(digest) != _ALGORITHMS.get(algorithm):
            raise InputError(f"integrity of {self.name} {self.version} is no hash: {self.integrity!r}")

    @staticmethod
    def strongest(integrity: str) -> str | None:
        """The one hash to rely on of several with blanks between; None when all are weak (SHA-1)."""
        found = {text.partition("-")[0]: text.partition("?")[0] for text in integrity.split()}
        return next((found[algorithm] for algorithm in _ALGORITHMS if algorithm in found), None)

    @property
    def content_path(self) -> str:
        """Where npm's cache keeps the file (cacache, ``content-v2``)."""
        algorithm, digest = self._parts()
        name = digest.hex()
        return f"content-v2/{algorithm}/{name[:2]}/{name[2:4]}/{name[4:]}"

    def came(self, data: bytes) -> str:
        """The integrity of ``data``, by the same hash function."""
        algorithm, _ = self._parts()
        return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"

    def _parts(self) -> tuple[str, bytes]:
        algorithm, _, text = self.integrity.partition("-")
        try:
            return algorithm, base64.b64decode(text, validate=True)
        except binascii.Error:
            return algorithm, b""

    def __str__(self) -> str:
        return f"npm package {self.name} {self.version}"


Fetch: TypeAlias = CrateFetch | CargoGitFetch | PypiFetch | NpmFetch


def _need(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise InputError(f"{what} is not lower-case hex of the right length: {text!r}")
