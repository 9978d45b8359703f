"""The context that rules act on: facts in, declared actions out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar

from piot.errors import InputError, MachineError, PiotError, Problems
from piot.model.action import (
    CommandAction,
    Incremental,
    Input,
    Mount,
    Output,
    Produced,
    Start,
    Text,
    Unpacked,
)
from piot.model.cargo import Crate, Workspace
from piot.model.label import Label
from piot.model.npm import NpmProject
from piot.model.pins import Pins
from piot.model.plan import Configured
from piot.model.proof import Proof
from piot.model.provider import Provider
from piot.model.pyproject import Pyproject
from piot.model.rule import Sources
from piot.model.toolchain import Emulator, Interpreter, Lack, Linker, NodeToolchain, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.commands import ENVIRONMENT, environment_of, launched, output_of
from piot.plan.facts import Facts
from piot.plan.python import Find, environment_mount, python_for, runtime_mount
from piot.plan.toolchains import Toolchains, elsewhere
from piot.plan.warming import scripts_of, warming

__all__ = ["ENVIRONMENT", "Lacking", "Surroundings", "TargetContext"]

P = TypeVar("P")


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


class TargetContext:
    """``Context`` for one configured target; ``providers`` are those of its dependencies.

    ``runner`` is the machine that its package names for the triple.
    """

    def __init__(
        self,
        target: Configured,
        around: Surroundings,
        providers: Mapping[Label, tuple[Provider, ...]],
        actions: dict[str, CommandAction],
        runner: str | None = None,
    ) -> None:
        self._target = target
        self._runner = runner
        self._around = around
        self._providers = providers
        self._actions = actions
        self.declared: list[str] = []

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

    def get(self, label: Label, provider: type[P]) -> P:
        for provided in self._providers.get(label, ()):
            if isinstance(provided, provider):
                return provided
        offered = [type(each).__name__ for each in self._providers.get(label, ())]
        said = f"it provides {', '.join(offered)}" if offered else "it is no attribute of this target"
        raise InputError(f"{self.label} needs the provider {provider.__name__} from {label}, but {said}")

    def outputs(self, label: Label) -> tuple[Output, ...]:
        return tuple(output for each in self._providers.get(label, ()) for output in each.outputs)

    def files(self, sources: Sources) -> tuple[str, ...]:
        globbed = self._around.facts.select(sources.globs) if sources.globs else ()
        return tuple(sorted({*sources.files, *globbed}))

    def workspace(self, directory: str) -> Workspace:
        return self._around.facts.workspace(directory)

    def crate(self, directory: str) -> Crate:
        return self._around.facts.crate(directory)

    def crate_files(self, directory: str) -> tuple[str, ...]:
        owner = self._around.facts.owner(directory)
        return () if owner is None else self._around.facts.select(owner.paths)

    def text(self, path: str) -> str | None:
        return self._around.facts.texts.get(path)

    def pyproject(self, directory: str) -> Pyproject:
        return self._around.facts.pyproject(directory)

    def npm(self, directory: str) -> NpmProject:
        found = self._around.facts.npm(directory)
        if found.problems:
            raise Problems(found.problems)
        return found

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

    def prepared(self, linker: Linker, *, stripped: bool) -> tuple[Input, ...]:
        scripts = scripts_of(linker)
        if linker.preparation is None:
            return scripts
        mounts = tuple(self.tool(name) for name in linker.fetched)
        (folder,) = self._declare(warming(linker, linker.preparation, mounts, stripped=stripped))
        return (*scripts, Produced(output=folder, dest=linker.preparation.folder))

    def run(
        self,
        *argv: str,
        mnemonic: str,
        outputs: Sequence[str],
        inputs: Sequence[Input] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
        tools: Sequence[SystemTool] = (),
        expand: Sequence[str] = (),
        proofs: Mapping[str, Proof] | None = None,
        name: str = "",
        memory: int = 0,
        timeout_seconds: int | None = None,
        start: Start | None = None,
        incremental: Incremental | None = None,
    ) -> tuple[Output, ...]:
        plain = self._command(name, argv, mnemonic, inputs, environment, mounts, tools, expand)
        return self._declare(
            replace(
                plain,
                outputs=tuple(output_of(plain.id, path, self.label) for path in outputs),
                proofs=tuple(sorted((proofs or {}).items(), key=lambda item: item[0])),
                memory=memory,
                timeout_seconds=timeout_seconds,
                start=start,
                incremental=incremental,
            )
        )

    def start(
        self,
        *argv: str,
        mnemonic: str,
        folder: str,
        harvest: Sequence[str],
        inputs: Sequence[Input] = (),
        environment: Mapping[str, str] | None = None,
        mounts: Sequence[Mount] = (),
        tools: Sequence[SystemTool] = (),
        expand: Sequence[str] = (),
        name: str = "start",
    ) -> Start:
        plain = self._command(name, argv, mnemonic, inputs, environment, mounts, tools, expand)
        whole = replace(plain, outputs=(output_of(plain.id, f"{folder}/", self.label),), public=False)
        launcher = self._around.launcher
        made = launched(whole, launcher, self.label)
        return Start(action=made, harvest=(launcher.dest, *harvest))

    def _command(
        self,
        name: str,
        argv: tuple[str, ...],
        mnemonic: str,
        inputs: Sequence[Input],
        environment: Mapping[str, str] | None,
        mounts: Sequence[Mount],
        tools: Sequence[SystemTool],
        expand: Sequence[str],
    ) -> CommandAction:
        """A command of this target, without outputs as yet."""
        return CommandAction(
            id=f"{self._target}#{name}" if name else str(self._target),
            label=str(self.label),
            triple=self._target.triple,
            python=self._target.python,
            mnemonic=mnemonic,
            argv=argv,
            environment=environment_of(environment or {}, expand),
            inputs=tuple(inputs),
            mounts=tuple(mounts),
            tools=tuple(tools),
        )

    def lack(self, lack: Lack) -> NoReturn:
        raise Lacking((lack,))

    def fail(self, message: str, *, hint: str | None = None) -> NoReturn:
        named = message if str(self.label) in message else f"{self.label}: {message}"
        raise InputError(named, hint=hint)

    def _declare(self, action: CommandAction) -> tuple[Output, ...]:
        action = launched(action, self._around.launcher, self.label)
        if self._actions.setdefault(action.id, action) != action:
            raise InputError(f"two different actions are called {action.id}", hint="give ctx.run a name=")
        self.declared.append(action.id)
        return action.outputs
