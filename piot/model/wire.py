"""The protocol-buffer wire format, as far as REAPI messages need it, written canonically.

Canonical means: fields in the order of their numbers and proto3 defaults left out, so that equal
values have equal bytes. Format: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from piot.errors import InputError

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_SHORT = tuple(bytes((value,)) for value in range(0x80))


def varint(value: int) -> bytes:
    """Base-128 bytes of ``value``; negative numbers as 64-bit two's complement."""
    if 0 <= value < 0x80:
        return _SHORT[value]
    if 0 <= value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def message(number: int, payload: bytes) -> bytes:
    """A present message, or one element of a repeated field: written even when empty.

    The first branch is the common one, spelled out because trees are large.
    """
    size = len(payload)
    if size < 0x80 and number < 0x10:
        return _SHORT[number << 3 | LENGTH] + _SHORT[size] + payload
    return varint(number << 3 | LENGTH) + varint(size) + payload


def integer(number: int, value: int) -> bytes:
    """A scalar number or bool; zero is the default and leaves no trace."""
    return varint(number << 3 | VARINT) + varint(value) if value else b""


def data(number: int, value: bytes) -> bytes:
    """A scalar ``bytes``; empty is the default and leaves no trace."""
    return message(number, value) if value else b""


def text(number: int, value: str) -> bytes:
    """A scalar ``string``; empty is the default and leaves no trace.

    Raises InputError for text that UTF-8 cannot hold (a file name of undecodable bytes).
    """
    return message(number, utf8(value)) if value else b""


def utf8(value: str) -> bytes:
    """``value`` as UTF-8; raises InputError where that cannot be."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise InputError(f"not valid UTF-8: {value!r}", hint="rename it: REAPI knows UTF-8 only") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The fields of one decoded message by number, in the order they came; unknown ones included."""

    found: Mapping[int, list[int | bytes]]

    @classmethod
    def parse(cls, encoded: bytes) -> Fields:
        """Raises InputError when ``encoded`` is not a protocol-buffer message."""
        found: dict[int, list[int | bytes]] = {}
        for number, value in _fields(encoded):
            found.setdefault(number, []).append(value)
        return cls(found=found)

    def integer(self, number: int) -> int:
        """The last value given, as a signed 64-bit number; 0 when there is none."""
        value = self.found.get(number, [0])[-1]
        if not isinstance(value, int):
            raise _malformed()
        return value - (1 << 64) if value >= 1 << 63 else value

    def message(self, number: int) -> bytes | None:
        """The bytes of the last message or string given; None when there is none."""
        values = self.messages(number)
        return values[-1] if values else None

    def messages(self, number: int) -> list[bytes]:
        """Every element of a repeated message or string."""
        values = self.found.get(number, [])
        found = [value for value in values if isinstance(value, bytes)]
        if len(found) != len(values):
            raise _malformed()
        return found

    def text(self, number: int) -> str:
        """The last string given; empty when there is none."""
        try:
            return (self.message(number) or b"").decode()
        except UnicodeDecodeError:
            raise _malformed() from None


def _fields(encoded: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values; the first branch is the common one, spelled out because trees are large."""
    at, end = 0, len(encoded)
    while at < end:
        tag = encoded[at]
        if tag & 0x87 == LENGTH and at + 1 < end and encoded[at + 1] < 0x80:
            size, at = encoded[at + 1], at + 2
        else:
            tag, at = read_varint(encoded, at)
            if tag & 7 == VARINT:
                value, at = read_varint(encoded, at)
                yield tag >> 3, value
                continue
            size, at = _size(tag & 7, encoded, at)
        if at + size > end:
            raise _malformed()
        yield tag >> 3, encoded[at : at + size]
        at += size


def _size(kind: int, encoded: bytes, at: int) -> tuple[int, int]:
    if kind == LENGTH:
        return read_varint(encoded, at)
    if kind in (FIXED32, FIXED64):
        return (4 if kind == FIXED32 else 8), at
    raise _malformed()


def read_varint(encoded: bytes, at: int) -> tuple[int, int]:
    """The number at position ``at`` and the position behind it; InputError when it is cut short."""
    value = shift = 0
    while at < len(encoded) and shift < 70:
        byte = encoded[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & ((1 << 64) - 1), at
        shift += 7
    raise _malformed()


def _malformed() -> InputError:
    return InputError("not a protocol-buffer message of the expected kind")
