"""What a build says while it runs: frozen events, sent as they happen to whoever shows or records them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

ActionStatus: TypeAlias = Literal["ran", "cached", "failed", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStarted:
    """The plan is made; ``total`` actions will each be reported by one ActionFinished."""

    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionStarted:
    """An action begins to run. Not sent for actions that are cached or skipped.

    ``description`` is a few words without the label ("maturin build"); ``label`` is empty for
    actions that belong to no target.
    """

    id: str
    description: str = ""
    mnemonic: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionOutput:
    """A piece of what a running action prints; the whole comes with its ActionFinished."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFinished:
    """An action is done with: it ran, was found, failed, or was skipped because of another.

    ``seconds`` is wall time. ``reason`` says why it ran, failed or was skipped. ``output`` is all
    that it printed (stdout and stderr as they came), ``log_path`` a file that holds the same.
    ``label`` and ``description`` may stay empty when an ActionStarted of this id gave them. ``key`` is
    None while an input is unknown, ``needs`` are the ids of the actions whose outputs it reads. ``start``
    is the key of the folder that it started from or made (`model.action.Start`), None for none.
    """

    id: str
    status: ActionStatus
    seconds: float = 0.0
    reason: str = ""
    log_path: str | None = None
    output: bytes = b""
    label: str = ""
    description: str = ""
    key: str | None = None
    needs: tuple[str, ...] = ()
    start: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An action could go on but for something ("another piot that builds it", "memory").

    Before its ActionStarted or after it; the next ActionStarted of the id ends the waiting.
    """

    id: str
    for_what: str
    label: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth one line, whatever happens next."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:  # noqa: A001 - always used as events.Warning
    """Something the user should act on though the build goes on; the text says how."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchStarted:
    """A download begins; ``bytes`` are there already, ``total`` is None while unknown."""

    name: str
    bytes: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchProgress:
    """``bytes`` of ``total`` have arrived."""

    name: str
    bytes: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFinished:
    """A download ended, well or badly, after ``bytes``."""

    name: str
    bytes: int
    total: int | None = None


Fetch: TypeAlias = FetchStarted | FetchProgress | FetchFinished

Event: TypeAlias = (
    BuildStarted | ActionStarted | ActionOutput | ActionFinished | Waiting | Note | Warning | Fetch
)

Emit: TypeAlias = Callable[[Event], None]
