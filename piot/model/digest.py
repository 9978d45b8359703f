"""Digests: SHA-256 and size of bytes, as in REAPI v2."""

from __future__ import annotations

from dataclasses import dataclass

from piot.errors import InputError


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The identity of some bytes: lower-case hex SHA-256 and the number of bytes."""

    hash: str
    size: int

    @classmethod
    def of(cls, data: bytes) -> Digest:
        import hashlib  # loads OpenSSL, which not every run needs

        return cls(hashlib.sha256(data).hexdigest(), len(data))

    @classmethod
    def parse(cls, text: str) -> Digest:
        """``<64 hex>/<size>`` back into a digest; raises InputError for anything else."""
        head, slash, size = text.partition("/")
        if not slash or len(head) != 64 or not size.isdecimal() or set(head) - set("0123456789abcdef"):
            raise InputError(f"not a digest: {text!r}", hint="a digest is written <sha256>/<size>")
        return cls(head, int(size))

    def __str__(self) -> str:
        return f"{self.hash}/{self.size}"


EMPTY = Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0)
