"""The form by which a file is uploaded to a package index of Python.

The documentation of PyPI, *Upload API*, and RFC 7578.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import cast

from piot.model.release.artifact import Artifact

_SINGULAR = {
    "platforms": "platform",
    "supported_platforms": "supported_platform",
    "license_files": "license_file",
}
"""Fields whose name in the form is not that of ``packaging.metadata``."""


def upload_form(
    artifact: Artifact, data: bytes, metadata: bytes, *, attestations: str = ""
) -> tuple[str, bytes]:
    """Content type and body; ``metadata`` is the METADATA of a wheel, the PKG-INFO of an sdist.

    ``attestations`` is a JSON array of them (PEP 740), empty where there are none.

    Raises ValueError when that has no name or version.
    """
    fields = [*_fixed(artifact, data), *_described(metadata)]
    fields += [("attestations", attestations)] if attestations else []  # an empty array is refused
    boundary = f"piot-{hashlib.sha256(data).hexdigest()[:32]}"
    parts = [_part(boundary, f'name="{name}"', value.encode()) for name, value in fields]
    kind = "application/octet-stream"
    parts.append(_part(boundary, f'name="content"; filename="{artifact.file}"', data, kind))
    return f"multipart/form-data; boundary={boundary}", b"".join((*parts, f"--{boundary}--\r\n".encode()))


def _fixed(artifact: Artifact, data: bytes) -> Iterator[tuple[str, str]]:
    yield ":action", "file_upload"
    yield "protocol_version", "1"
    yield "filetype", "bdist_wheel" if artifact.kind == "wheel" else "sdist"
    yield "pyversion", artifact.file.split("-")[-3] if artifact.kind == "wheel" else "source"
    yield "sha256_digest", hashlib.sha256(data).hexdigest()
    yield "blake2_256_digest", hashlib.blake2b(data, digest_size=32).hexdigest()


def _described(metadata: bytes) -> Iterator[tuple[str, str]]:
    """Core metadata by the names of the form, repeated fields repeated."""
    from packaging.metadata import parse_email

    raw, _ = parse_email(metadata)
    if not raw.get("name") or not raw.get("version"):
        raise ValueError("its metadata has no name or version")
    for name, value in raw.items():
        yield from ((_SINGULAR.get(name, name), text) for text in _texts(name, value))


def _texts(name: str, value: object) -> Iterable[str]:
    if isinstance(value, dict):
        addresses = cast("dict[str, str]", value)
        return [f"{label}, {address}" for label, address in addresses.items()]
    if isinstance(value, list):
        texts = cast("list[str]", value)
        return [",".join(texts)] if name == "keywords" else texts
    return [str(value)]


def _part(boundary: str, disposition: str, content: bytes, kind: str = "") -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n"
    if kind:
        head += f"Content-Type: {kind}\r\n"
    return head.encode() + b"\r\n" + content + b"\r\n"
