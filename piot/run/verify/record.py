"""RECORD of a wheel: every file with its hash and size, and no other."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping

# Recording installed projects, PyPA specification: any hash of hashlib from sha256 up.
_HASHES = ("sha256", "sha384", "sha512")


def record_findings(folder: str, members: Mapping[str, bytes]) -> Iterator[str]:
    """What RECORD in the ``.dist-info`` ``folder`` says wrongly or not at all."""
    own = f"{folder}/RECORD"
    # Signatures stand beside RECORD and cannot be in it (PyPA binary distribution format).
    unlisted = {own, f"{own}.jws", f"{own}.p7s"}
    seen: set[str] = set()
    try:
        rows = list(csv.reader(io.StringIO(members[own].decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        yield f"{own} is not readable as CSV in UTF-8: {error}."
        return
    for row in rows:
        if len(row) != 3:
            yield f"{own} has a row of {len(row)} fields, expected path, hash and size: {','.join(row)!r}."
            continue
        name, digest, size = row
        if name in seen:
            yield f"{own} lists {name} more than once."
        seen.add(name)
        yield from _row_findings(own, name, digest, size, members, may_be_empty=name in unlisted)
    for name in members:
        if name not in seen and name not in unlisted - {own}:
            yield f"{own} does not list {name}."


def _row_findings(
    own: str, name: str, digest: str, size: str, members: Mapping[str, bytes], *, may_be_empty: bool
) -> Iterator[str]:
    if name not in members:
        yield f"{own} lists {name}, which is not in the wheel."
    elif may_be_empty:
        if digest or size:
            yield f"{own} gives {name} a hash or a size, expected none."
    else:
        data = members[name]
        if size != str(len(data)):
            yield f"{own} gives {name} the size {size or 'none'}, its size is {len(data)}."
        kind, _, value = digest.partition("=")
        if kind not in _HASHES:
            yield f"{own} gives {name} the hash {digest or 'none'}, expected one of {', '.join(_HASHES)}."
        elif value != _hash(kind, data):
            yield f"{own} gives {name} the {kind} hash {value}, its hash is {_hash(kind, data)}."


def _hash(kind: str, data: bytes) -> str:
    """URL-safe base64 without padding, as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.new(kind, data).digest()).rstrip(b"=").decode("ascii")
