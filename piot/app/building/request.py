"""What a person asks of ``piot build`` and ``piot test``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """What is to be built (``patterns``, ``triples``: names, ``host``, ``all``) and how.

    No ``pythons`` means all that a target is declared for.
    """

    patterns: tuple[str, ...]
    triples: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    profile: str = "release"
    out: Path | None = None
    jobs: int | None = None
    sandbox: str | None = None
    keep_going: bool = False
    force: bool = False
    no_cache: bool = False
    incremental: bool = False
    keep_sandbox: bool = False
    dry_run: bool = False
    tests: bool = False
    versions: tuple[tuple[str, str], ...] = ()
    events: Path | None = None
    trace: Path | None = None
