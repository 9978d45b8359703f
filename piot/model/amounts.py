"""Amounts as people read them."""

from __future__ import annotations


def size(count: int) -> str:
    """Bytes in decimal units, as registries and shops write them: ``512 B``, ``71.2 MB``."""
    amount, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 999.95 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{count} B" if units[0] == "B" else f"{amount:.1f} {units[0]}"
