"""``@toolchain``: makes a function of a toolchain file a candidate for building.

The function is pure: it sees what its probes found and which tools are pinned, and gives a value,
or a ``Lack`` that says why it cannot serve and what would help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import TypeAlias, cast

from piot.model.toolchain import (
    Emulator,
    Found,
    Interpreter,
    Lack,
    Linker,
    NodeToolchain,
    Probe,
    RustToolchain,
    SystemTool,
)
from piot.model.triple import Triple

KINDS = ("rust", "linker", "node", "python", "emulator")
"""What piot itself asks for; a rule may ask for any other kind that a repository's toolchain file has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a toolchain is asked: to build for ``target`` on ``host``.

    ``glibc`` is the oldest glibc that results must run with. ``found`` are the tools of this machine by
    probe, the preferred one first; ``pinned`` the fetched tools there are for this host. ``channel``
    is what ``rust-toolchain.toml`` asks for.
    """

    host: Triple
    target: Triple
    glibc: str
    found: Mapping[str, tuple[Found, ...]]
    pinned: frozenset[str]
    host_glibc: tuple[int, ...] = ()
    """The version of the host's own glibc, empty where there is none."""
    channel: str | None = None
    places: Mapping[str, str] = field(default_factory=dict[str, str])
    """Folders that settings name: ``windows_sdk`` is the copy of ``[piot.toolchain.xwin] sdk``."""

    @property
    def floor(self) -> tuple[int, ...]:
        """``glibc`` as numbers."""
        return tuple(map(int, self.glibc.split(".")))


Answer: TypeAlias = (
    RustToolchain | Linker | NodeToolchain | Interpreter | Emulator | SystemTool | Lack | tuple[Lack, ...]
)
"""``linkers`` of a RustToolchain are left empty; the engine fills in the ones it chose.

A toolchain of the kind ``python`` is asked about one interpreter at a time. Those of a kind that piot does
not know give a SystemTool.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """A candidate of a kind; they are asked in the order of their files, and the first that can is taken."""

    kind: str
    probes: tuple[Probe, ...]
    pins: tuple[str, ...]
    function: Callable[[Request], Answer]

    @property
    def name(self) -> str:
        return cast("FunctionType", self.function).__name__


def toolchain(
    *, kind: str, probes: tuple[Probe, ...] = (), pins: tuple[str, ...] = ()
) -> Callable[[Callable[[Request], Answer]], Toolchain]:
    """Declares a toolchain: what it looks for (``probes``) and which fetched tools it uses (``pins``)."""

    def declare(function: Callable[[Request], Answer]) -> Toolchain:
        return Toolchain(kind=kind, probes=probes, pins=pins, function=function)

    return declare
