"""What rules ask a context for to work with: toolchains, interpreters, programs, fetched tools."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from piot.errors import InputError, MachineError, PiotError
from piot.model.action import Mount, Text, Unpacked
from piot.model.label import Label
from piot.model.pins import Pins
from piot.model.plan import Configured
from piot.model.toolchain import Emulator, Interpreter, Lack, Linker, NodeToolchain, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.facts import Facts
from piot.plan.python import Find, environment_mount, python_for, runtime_mount
from piot.plan.toolchains import Toolchains, elsewhere


class Lacking(MachineError):
    """A toolchain is missing for the target that is being analysed."""

    def __init__(self, lacks: tuple[Lack, ...]) -> None:
        super().__init__("; ".join(map(str, lacks)))
        self.lacks = lacks


def no_toolchain(_kind: str, _target: Triple) -> tuple[Lack, ...]:
    """There is none, whatever it is for."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all contexts of one analysis share; ``node`` and ``toolchain`` look when a rule asks."""

    facts: Facts
    toolchains: Toolchains
    node: Callable[[], NodeToolchain | tuple[Lack, ...]]
    programs: Mapping[str, SystemTool | Lack]
    system: Mapping[str, SystemTool | Lack]
    pins: Pins
    host: Triple
    profile: str
    launcher: Text
    interpreters: Find
    toolchain: Callable[[str, Triple], Emulator | SystemTool | tuple[Lack, ...]] = no_toolchain


class Tooled:
    """The part of a context that says what a target is made with; a rule ends where something is lacking.

    ``runner`` is the machine that its package names for the triple.
    """

    def __init__(self, target: Configured, around: Surroundings, runner: str | None = None) -> None:
        self._target = target
        self._around = around
        self._runner = runner

    @property
    def label(self) -> Label:
        return self._target.label

    @property
    def triple(self) -> str:
        return self._target.triple or self._around.host.text

    @property
    def python(self) -> str:
        return self._target.python or ""

    @property
    def host(self) -> str:
        return self._around.host.text

    @property
    def profile(self) -> str:
        return self._around.profile

    def rust(self) -> RustToolchain:
        chosen = self._around.toolchains.rust(Triple.parse(self.triple))
        if isinstance(chosen, tuple):
            raise Lacking((*chosen, *self._elsewhere()))
        return chosen

    def node(self) -> NodeToolchain:
        found = self._around.node()
        if isinstance(found, tuple):
            raise Lacking(found)
        return found

    def emulator(self) -> Emulator | None:
        found = self._around.toolchain("emulator", Triple.parse(self.triple))
        if isinstance(found, tuple) and found:
            raise Lacking(found)
        return found if isinstance(found, Emulator) else None

    def toolchain(self, kind: str) -> SystemTool:
        found = self._around.toolchain(kind, Triple.parse(self.triple))
        if isinstance(found, tuple):
            nothing = Lack(candidate=kind, reason=f"is not for {self.triple}")
            raise Lacking(found or (nothing,))
        if not isinstance(found, SystemTool):
            raise InputError(f'{self.label}: the toolchain of the kind "{kind}" gave no SystemTool')
        return found

    def linker(self) -> Linker:
        chosen = self._around.toolchains.linker(Triple.parse(self.triple))
        if isinstance(chosen, tuple):
            raise Lacking((*chosen, *self._elsewhere()))
        return chosen

    def _python_elsewhere(self) -> tuple[Lack, ...]:
        """Where the wheel of one Python can be built or tried that this machine does not have."""
        runner = self._runner or Triple.parse(self.triple).native_runner
        if not self.python or runner is None:
            return ()
        reason, remedy = "is not on this machine", f"install it, or go to {runner}"
        return (Lack(candidate=f"Python {self.python}", reason=reason, remedy=remedy),)

    def _elsewhere(self) -> tuple[Lack, ...]:
        """Where a target can be built whose toolchain is lacking here."""
        return elsewhere(self._around.host, Triple.parse(self.triple), self._runner)

    def interpreter(
        self, directory: str | None = None, *, requires: str = "", headers: bool = False
    ) -> Interpreter:
        wanted = (
            requires,
            *(python_for(self._around.facts, self._around.pins, directory) if directory else ()),
        )
        found = self._around.interpreters(tuple(filter(None, wanted)), headers=headers)
        if isinstance(found, tuple):
            raise Lacking((*found, *self._python_elsewhere()))
        return found

    def requirements(self, directory: str, python: Interpreter) -> Mount:
        try:
            return environment_mount(self._around.pins, directory, self._around.host, python)
        except MachineError as error:
            lack = Lack(candidate="build requirements", reason=error.message, remedy=error.hint or "")
            raise Lacking((lack,)) from error

    def runtime(self, directory: str, python: Interpreter) -> Mount | None:
        return runtime_mount(self._around.pins, self._around.facts, directory, self._around.host, python)

    def tool(self, name: str) -> Mount:
        try:
            fetch = self._around.pins.tool(name).file_for(self._around.host)
        except PiotError as error:
            lack = Lack(candidate=name, reason=error.message, remedy=error.hint or "")
            raise Lacking((lack,)) from error
        return Mount(name=name, entries=(("", Unpacked(archive=fetch, kind="wheel")),))

    def program(self, name: str) -> SystemTool:
        found = self._around.programs.get(name)
        if found is None:
            raise InputError(f"{self.label} uses {name}, which is not in its attribute tools")
        if isinstance(found, Lack):
            raise Lacking((found,))
        return found

    def system(self, name: str) -> SystemTool:
        found = self._around.system.get(name)
        if found is None:
            raise InputError(f"{self.label} uses {name}, which is not in its attribute system")
        if isinstance(found, Lack):
            raise Lacking((found,))
        if found.is_library and self.triple != self.host:
            lack = Lack(candidate=name, reason=f"is here for {self.host}, not for {self.triple}")
            raise Lacking((lack, *self._elsewhere()))
        return found

    def lack(self, lack: Lack) -> NoReturn:
        raise Lacking((lack,))
