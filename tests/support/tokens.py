"""Made-up tokens for tests: JSON Web Tokens of CI jobs, and macaroons of PyPI."""

from __future__ import annotations

import base64
import json


def jwt(**claims: object) -> str:
    """A token with these claims, and a signature that is none."""
    parts = (json.dumps({"alg": "RS256"}), json.dumps(claims), "signature")
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts)


def macaroon(*caveats: object) -> str:
    """A token of PyPI, of format 2 of libmacaroons."""
    body = b"\x02" + _field(1, b"example.invalid") + _field(2, b"identifier") + b"\0"
    for caveat in caveats:
        body += _field(2, json.dumps(caveat).encode()) + b"\0"
    body += b"\0" + _field(6, b"s" * 32)
    return "pypi-" + base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def _field(number: int, data: bytes) -> bytes:
    assert len(data) < 1 << 14
    length = bytes((len(data),)) if len(data) < 128 else bytes((len(data) & 0x7F | 0x80, len(data) >> 7))
    return bytes((number,)) + length + data
