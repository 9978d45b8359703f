"""What came out of a build: per target and in all, with the JSON that ``build --json`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from piot.errors import ActionFailed, MachineError, listed

TargetStatus: TypeAlias = Literal["built", "cached", "failed", "skipped"]
Source: TypeAlias = Literal["ran", "local", "remote"]


def configured(label: str, triple: str | None, python: str | None = None) -> str:
    """``//packages/python:wheel@triple=…,python=…`` as messages name a configured target."""
    settings = [f"{name}={value}" for name, value in (("triple", triple), ("python", python)) if value]
    return f"{label}@{','.join(settings)}" if settings else label


def _config_json(triple: str | None, python: str | None = None) -> dict[str, str]:
    return {name: value for name, value in (("triple", triple), ("python", python)) if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputReport:
    """A file that was put into ``dist/``.

    ``path`` is relative to the repository root, with ``/``; ``sha256`` is lower-case hex; ``size``
    counts bytes.
    """

    path: str
    sha256: str
    size: int

    def to_json(self) -> dict[str, object]:
        """``{"path","sha256","size"}``."""
        return {"path": self.path, "sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReport:
    """What became of one configured target.

    ``source`` is where its result came from; ``key`` the key of its last action, None while unknown.
    ``reason`` says why it ran, or because of what it was skipped. ``incremental``: it was made by going on
    where an earlier run ended, and is not stored. ``error`` says what failed. For people only, not in the
    JSON: ``log`` is the path of the failed action's whole output, ``by_hand`` the command that runs that
    action again.
    """

    label: str
    triple: str | None = None
    python: str | None = None
    status: TargetStatus
    source: Source | None = None
    key: str | None = None
    reason: str = ""
    seconds: float = 0.0
    incremental: bool = False
    outputs: tuple[OutputReport, ...] = ()
    error: str | None = None
    log: str | None = None
    by_hand: str | None = None

    def __str__(self) -> str:
        return configured(self.label, self.triple, self.python)

    def to_json(self) -> dict[str, object]:
        """An entry of ``targets``; ``config`` holds what is set, ``error`` is there when one is.

        ``incremental`` is there, and true, only for such a result.
        """
        entry: dict[str, object] = {
            "label": self.label,
            "config": _config_json(self.triple, self.python),
            "status": self.status,
            "source": self.source,
            "key": self.key,
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
            "outputs": [output.to_json() for output in self.outputs],
        }
        entry |= {"incremental": True} if self.incremental else {}
        return entry if self.error is None else entry | {"error": self.error}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A target that this machine cannot build for a triple and a Python, and each tool or runner it lacks."""

    label: str
    triple: str | None
    lacks: tuple[str, ...]
    python: str | None = None

    def __str__(self) -> str:
        return configured(self.label, self.triple, self.python)

    def as_target(self) -> TargetReport:
        """The same as an entry of ``targets``: skipped, with what is lacking as its error."""
        reason = "cannot be built on this machine"
        error = f"{reason}: lacks {listed(self.lacks)}"
        return TargetReport(
            label=self.label,
            triple=self.triple,
            python=self.python,
            status="skipped",
            reason=reason,
            error=error,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """The result of one ``piot build``.

    ``ran``, ``local``, ``remote`` and ``failed`` count actions by where their results came from, and
    ``incremental`` those among ``ran`` that went on where an earlier run ended; ``seconds`` is wall time.
    ``blocked`` targets are not among ``targets``. With ``dry_run`` nothing ran: ``built`` then means that a
    target would be.
    """

    ok: bool
    targets: tuple[TargetReport, ...] = ()
    ran: int = 0
    incremental: int = 0
    local: int = 0
    remote: int = 0
    failed: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """0; 1 when an action failed; 5 when all that could be built was, but something could not."""
        if self.blocked and not self.failed:
            return MachineError.exit_code
        return 0 if self.ok else ActionFailed.exit_code

    def to_json(self) -> dict[str, object]:
        """The object of ``build --json``, schema 1."""
        targets = (*self.targets, *(blocked.as_target() for blocked in self.blocked))
        return {
            "schema": 1,
            "ok": self.ok,
            "targets": [target.to_json() for target in targets],
            "actions": {
                "ran": self.ran,
                "local": self.local,
                "remote": self.remote,
                "failed": self.failed,
            },
            "seconds": round(self.seconds, 3),
        }
