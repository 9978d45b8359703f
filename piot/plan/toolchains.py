"""Picks what builds for a target: a rustc that has its standard library, and a linker for it and the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from piot.api.toolchain import Answer, Request, Toolchain
from piot.model.toolchain import Emulator, Found, Lack, Linker, NodeToolchain, RustToolchain, SystemTool
from piot.model.triple import Triple


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is known of this machine: its platform, its tools by probe, the fetched tools there are for it."""

    host: Triple
    glibc: tuple[int, ...]
    found: Mapping[str, tuple[Found, ...]]
    pinned: frozenset[str]
    places: Mapping[str, str] = field(default_factory=dict[str, str])


class Toolchains:
    """The choice of a toolchain per target triple, made once each."""

    def __init__(
        self, candidates: Sequence[Toolchain], machine: Machine, *, glibc: str, channel: str | None
    ) -> None:
        self._candidates = candidates
        self._machine = machine
        self._glibc = glibc
        self._channel = channel
        self._chosen: dict[str, RustToolchain | tuple[Lack, ...]] = {}

    def rust(self, target: Triple) -> RustToolchain | tuple[Lack, ...]:
        """The toolchain for ``target``, or what every candidate lacks."""
        if target.text not in self._chosen:
            self._chosen[target.text] = self._choose(target)
        return self._chosen[target.text]

    def linker(self, target: Triple) -> Linker | tuple[Lack, ...]:
        """What compiles C and links for ``target``, or what every candidate lacks."""
        found, lacks = self._first("linker", target)
        if not isinstance(found, Linker):
            return lacks
        return replace(found, glibc=self._floor(target))

    def node(self) -> NodeToolchain | tuple[Lack, ...]:
        """The Node.js of this machine, or what it lacks."""
        found, lacks = self._first("node", self._machine.host)
        return found if isinstance(found, NodeToolchain) else lacks

    def of(self, kind: str, target: Triple) -> Emulator | SystemTool | tuple[Lack, ...]:
        """The toolchain of another kind, or what every candidate lacks."""
        found, lacks = self._first(kind, target)
        return found if isinstance(found, Emulator | SystemTool) else lacks

    def links(self, target: Triple) -> bool:
        """Whether there is a linker for ``target`` here: then a standard library for it is of use."""
        return isinstance(self._first("linker", target)[0], Linker)

    def _choose(self, target: Triple) -> RustToolchain | tuple[Lack, ...]:
        rust, lacks = self._first("rust", target)
        linkers: list[Linker] = []
        for triple in dict.fromkeys((target, self._machine.host)):
            linker, missing = self._first("linker", triple)
            lacks += missing if not isinstance(linker, Linker) else ()
            linkers += [linker] if isinstance(linker, Linker) else []
        if not isinstance(rust, RustToolchain) or len({each.triple for each in linkers}) < len(
            {target, self._machine.host}
        ):
            return lacks
        return replace(rust, linkers=tuple(linkers), glibc=self._floor(target))

    def _floor(self, target: Triple) -> str | None:
        """The glibc that was asked for, or the platform's first where that is newer."""
        return None if target.glibc is None else max(self._glibc, target.glibc, key=_numbers)

    def _first(self, kind: str, target: Triple) -> tuple[Answer | None, tuple[Lack, ...]]:
        """The first candidate that can; what the others lack counts only when none can."""
        lacks: tuple[Lack, ...] = ()
        for candidate in self._candidates:
            if candidate.kind == kind:
                answer = candidate.function(self._request(target))
                if isinstance(answer, RustToolchain | Linker | NodeToolchain | Emulator | SystemTool):
                    return answer, ()
                if isinstance(answer, Lack):
                    lacks += (answer,)
                elif isinstance(answer, tuple):
                    lacks += answer
        return None, lacks

    def _request(self, target: Triple) -> Request:
        machine = self._machine
        return Request(
            host=machine.host,
            target=target,
            glibc=self._floor(target) or self._glibc,
            found=machine.found,
            pinned=machine.pinned,
            host_glibc=machine.glibc,
            channel=self._channel,
            places=machine.places,
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def elsewhere(host: Triple, target: Triple, runner: str | None = None) -> tuple[Lack, ...]:
    """What this machine lacks is a machine that can: ``runner`` where one is named, else GitHub's.

    Nothing for the host itself, and for platforms that are built elsewhere just as they would be here.
    """
    anywhere = {"zig", "wasm"} & set(target.linkers)
    if host == target or not (runner or target.native_runner or not anywhere):
        return ()
    place = runner or target.runner or f"a machine with {target}"
    return (Lack(candidate="this machine", reason=f"is {host}", remedy=f"build it on {place}"),)
