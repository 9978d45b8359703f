"""Actions as rules declare them: one command with declared inputs, outputs and environment.

A declared action becomes a REAPI ``Action`` (its key) once the digests of its inputs are known;
before that, inputs refer to sources, inline bytes, pinned blobs and outputs of other actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from piot.model.fetch import Fetch
from piot.model.proof import Proof
from piot.model.toolchain import SystemTool

ActionId = str
"""``//packages/python:wheel@triple=…#layer``: unique in a plan, stable between runs."""

MOUNTS = ".piot/mnt"
"""Where mounted trees stand in the input root; a local runner mounts them instead of copying."""


class SourceFile(NamedTuple):
    """A file of the checkout, staged at ``dest`` (the same path when empty); plans have thousands."""

    path: str
    dest: str = ""

    @property
    def place(self) -> str:
        return self.dest or self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Inline bytes: a *write* action, folded into the input tree of its only reader."""

    dest: str
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A declared output of an action: a file, or a directory when ``directory`` is set."""

    action: ActionId
    path: str
    directory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """An output of another action, staged at ``dest``."""

    output: Output
    dest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A pinned blob as it is, staged at ``dest``."""

    archive: Fetch
    dest: str


Unpacking = Literal["crate", "wheel", "tar", "tree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The content of an archive: a pinned blob, or the only file of another action's output directory.

    A ``tree`` is no archive but such a directory itself.
    """

    archive: Fetch | Output
    kind: Unpacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """Read-only trees under one name, reached in commands as ``%{tool:NAME}``.

    ``entries`` maps a folder below the mount (empty: the mount itself) to what stands there. The
    absolute path of a mount depends on its content only, so that tools which hash absolute paths
    (cargo's fingerprints do) agree between actions, checkouts and machines.
    """

    name: str
    entries: tuple[tuple[str, Unpacked], ...]


Input = SourceFile | Text | Produced | Fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A folder that a command may start from: it ends sooner with it, and its result is the same.

    So it is no part of the command's key. The folder is kept under the key of ``action``, whose only output
    it is, and stands at the same path in both. When there is none yet, the command starts without it, and
    what ``harvest``, run after it in the same exec root, leaves of the folder is kept for the next one.
    """

    action: CommandAction
    harvest: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Its path, relative to the exec root."""
        return self.action.outputs[0].path


@dataclass(frozen=True, slots=True, kw_only=True)
class Incremental:
    """How a command runs again in the folder that its last run left, where a person asks for that.

    Inputs that have not changed keep their times there, and what stands at the paths ``keeps`` is left alone:
    it is the command's own memory, which tells by those times what is to be done. It does so rightly when
    files change or appear whose names end like one of ``watches``. When others do, or files are gone, what
    the patterns ``forgets`` name is taken out of the memory first; all of it, where they name nothing.

    ``arguments`` are added to the command's, ``environment`` is laid over its own. ``variant`` tells folders
    of one action apart.
    """

    keeps: tuple[str, ...]
    watches: tuple[str, ...] = ("",)
    forgets: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    variant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAction:
    """One command, relative to the exec root.

    ``%{root}`` and ``%{tool:NAME}`` are expanded when it starts.

    ``memory`` (bytes) is what it may need at its peak; it steers scheduling and is not part of the key.
    """

    id: ActionId
    label: str
    triple: str | None
    python: str | None = field(default=None, compare=False)
    mnemonic: str
    argv: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    inputs: tuple[Input, ...]
    mounts: tuple[Mount, ...] = ()
    tools: tuple[SystemTool, ...] = ()
    outputs: tuple[Output, ...] = ()
    proofs: tuple[tuple[str, Proof], ...] = ()
    timeout_seconds: int | None = None
    start: Start | None = None
    incremental: Incremental | None = field(default=None, compare=False)
    """None for commands that always run in a fresh folder; no part of the key."""
    memory: int = field(default=0, compare=False)
    public: bool = field(default=True, compare=False)
    """False for steps that a person did not ask for (a warm tool cache)."""
    needs: tuple[ActionId, ...] = field(init=False, compare=False, repr=False)
    """The actions whose outputs it reads, in the order they are first named."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", self._needs())  # asked for again and again

    def _needs(self) -> tuple[ActionId, ...]:
        produced = [item.output.action for item in self.inputs if isinstance(item, Produced)]
        unpacked = [
            source.archive.action
            for mount in self.mounts
            for _, source in mount.entries
            if isinstance(source.archive, Output)
        ]
        started = self.start.action.needs if self.start else ()
        return tuple(dict.fromkeys((*produced, *unpacked, *started)))
