"""Amounts as people read them."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?(?:(?:([KMGT])(i?))?(B)|([KMGT]))?", re.IGNORECASE | re.ASCII)


def size(count: int) -> str:
    """Bytes in decimal units, as registries and shops write them: ``512 B``, ``71.2 MB``."""
    amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{count} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def bytes_of(text: str) -> int | None:
    """A size as people write it, in bytes; None for what is no size.

    ``20GB`` counts in powers of 1000, ``20GiB`` in powers of 1024 (IEC 80000-13), and so does the letter
    alone, ``20G``, as in GNU's tools.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    number, letter, binary, _, alone = match.groups()
    if not (letter or alone):
        return int(float(number))
    base = 1000 if letter and not binary else 1024
    return int(float(number) * base ** ("KMGT".index((letter or alone).upper()) + 1))
