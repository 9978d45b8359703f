"""Deliveries whose end is waited for at once, where a run of piot sends others before it waits."""

from __future__ import annotations

from typing import TypeVar

from piot.release.steps import Later

_T = TypeVar("_T")


def ended(said: _T | Later) -> _T | str:
    """What is told of a delivery when its registry shows the file."""
    return said.finish() if isinstance(said, Later) else said
