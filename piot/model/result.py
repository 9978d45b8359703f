"""What an action gave: its declared outputs by digest, as in REAPI's ``ActionResult``."""

from __future__ import annotations

from dataclasses import dataclass, field

from piot.model.digest import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """A declared output that is a file; ``path`` is relative to the exec root."""

    path: str
    digest: Digest
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDirectory:
    """A declared output that is a directory.

    ``root`` is the digest of its top ``Directory``, ``tree`` that of the ``Tree`` message which
    holds all of its directories in one blob (what remote caches ask for).
    """

    path: str
    root: Digest
    tree: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputSymlink:
    """A declared output that is a symbolic link, with its target as written."""

    path: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Who ran the action and when, in nanoseconds since 1970; never part of what is compared."""

    worker: str = ""
    started_ns: int = 0
    finished_ns: int = 0

    @property
    def seconds(self) -> float:
        return (self.finished_ns - self.started_ns) / 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """The outputs of one run; ``stdout`` and ``stderr`` are None when nothing was kept."""

    files: tuple[OutputFile, ...] = ()
    directories: tuple[OutputDirectory, ...] = ()
    symlinks: tuple[OutputSymlink, ...] = ()
    exit_code: int = 0
    stdout: Digest | None = None
    stderr: Digest | None = None
    metadata: Execution = field(default=Execution(), compare=False)
