"""The context that rules act on: facts in, declared actions out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from piot.errors import InputError, MachineError, PiotError
from piot.model.action import CommandAction, Input, Mount, Output, Produced, Text, Unpacked
from piot.model.cargo import Crate, Workspace
from piot.model.label import Label
from piot.model.nodes import check_path
from piot.model.pins import Pins
from piot.model.plan import Configured
from piot.model.proof import Proof
from piot.model.provider import Provider
from piot.model.pyproject import Pyproject
from piot.model.rule import Sources
from piot.model.toolchain import Lack, Linker, RustToolchain, SystemTool
from piot.model.triple import Triple
from piot.plan.facts import Facts
from piot.plan.toolchains import Toolchains

P = TypeVar("P")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What a POSIX shell hands on (XBD 3.231, Name): dash drops variables that are called otherwise."""

ENVIRONMENT = {
    "HOME": "%{root}/.piot/home",
    "LC_ALL": "C.UTF-8",
    "PATH": "%{root}/.piot/shims:%{root}/.piot/bin",
    "SOURCE_DATE_EPOCH": "315532800",
    "TMPDIR": "%{root}/.piot/tmp",
    "TZ": "UTC",
}
"""What every command sees beside what its rule declares; 315532800 is 1980, where the time of zip begins."""


class Lacking(MachineError):
    """A toolchain is missing for the target that is being analysed."""

    def __init__(self, lacks: tuple[Lack, ...]) -> None:
        super().__init__("; ".join(map(str, lacks)))
        self.lacks = lacks


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all contexts of one analysis share."""

    facts: Facts
    toolchains: Toolchains
    programs: Mapping[str, SystemTool | Lack]
    pins: Pins
    host: Triple
    profile: str
    launcher: Text


class TargetContext:
    """``Context`` for one configured target; ``providers`` are those of its dependencies."""

    def __init__(
        self,
        target: Configured,
        around: Surroundings,
        providers: Mapping[Label, tuple[Provider, ...]],
        actions: dict[str, CommandAction],
    ) -> None:
        self._target = target
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
        raise InputError(f"{self.label} needs a {provider.__name__} from {label}, but {said}")

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

    def rust(self) -> RustToolchain:
        chosen = self._around.toolchains.rust(Triple.parse(self.triple))
        if isinstance(chosen, tuple):
            raise Lacking(chosen)
        return chosen

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

    def prepared(self, linker: Linker, *, stripped: bool) -> tuple[Input, ...]:
        scripts = tuple(_script(path, text) for path, text in linker.scripts)
        if linker.preparation is None:
            return scripts
        preparation = linker.preparation
        name = preparation.name if stripped else f"{preparation.name} with debug information"
        modes = ("stripped",) if stripped else ("stripped", "whole")
        own = (*scripts, *(_script(path, text) for path, text in preparation.scripts))
        (folder,) = self._declare(
            action=f"@piot//toolchains%{name}",
            label="@piot//toolchains",
            triple=None,
            argv=(*preparation.argv, *modes),
            mnemonic=f"warm cache of {name}",
            outputs=(f"{preparation.folder}/",),
            inputs=own,
            mounts=tuple(self.tool(name) for name in linker.fetched),
            environment=dict(linker.environment),
            expand=tuple(text.dest for text in own),
            tools=linker.tools,
            public=False,
        )
        return (*scripts, Produced(output=folder, dest=preparation.folder))

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
        public: bool = True,
    ) -> tuple[Output, ...]:
        return self._declare(
            action=f"{self._target}#{name}" if name else str(self._target),
            label=str(self.label),
            triple=self._target.triple,
            argv=argv,
            mnemonic=mnemonic,
            outputs=outputs,
            inputs=inputs,
            environment=environment or {},
            mounts=mounts,
            tools=tools,
            expand=expand,
            proofs=proofs or {},
            memory=memory,
            timeout_seconds=timeout_seconds,
            public=public,
        )

    def fail(self, message: str, *, hint: str | None = None) -> NoReturn:
        named = message if str(self.label) in message else f"{self.label}: {message}"
        raise InputError(named, hint=hint)

    def _declare(
        self,
        *,
        action: str,
        label: str,
        triple: str | None,
        argv: Sequence[str],
        mnemonic: str,
        outputs: Sequence[str],
        inputs: Sequence[Input],
        environment: Mapping[str, str],
        mounts: Sequence[Mount],
        tools: Sequence[SystemTool],
        expand: Sequence[str],
        public: bool,
        proofs: Mapping[str, Proof] | None = None,
        memory: int = 0,
        timeout_seconds: int | None = None,
    ) -> tuple[Output, ...]:
        if not argv:
            self.fail("an empty command", hint="name the program to run")
        for variable in environment:
            if not _NAME.fullmatch(variable):
                self.fail(f"not the name of a variable: {variable!r}", hint="write letters, digits and _")
        made = tuple(self._output(action, path) for path in outputs)
        declared = CommandAction(
            id=action,
            label=label,
            triple=triple,
            mnemonic=mnemonic,
            argv=(self._around.launcher.dest, *argv),
            environment=_environment(environment, expand),
            inputs=(*inputs, self._around.launcher),
            mounts=tuple(mounts),
            tools=tuple(tools),
            outputs=made,
            proofs=tuple(sorted((proofs or {}).items(), key=lambda item: item[0])),
            memory=memory,
            timeout_seconds=timeout_seconds,
            public=public,
        )
        if self._actions.setdefault(action, declared) != declared:
            raise InputError(f"two different actions are called {action}", hint="give ctx.run a name=")
        self.declared.append(action)
        return made

    def _output(self, action: str, path: str) -> Output:
        """A path that ends in ``/`` is a folder."""
        try:
            checked = check_path(path.rstrip("/"))
        except InputError as error:
            raise InputError(f"{self.label}: an output is {error.message}", hint=error.hint) from error
        return Output(action=action, path=checked, directory=path.endswith("/"))


def _environment(declared: Mapping[str, str], expand: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """With the names of variables and files in which the launcher expands ``%{…}``."""
    environment = {**ENVIRONMENT, **declared}
    holes = sorted(name for name, value in environment.items() if "%{" in value)
    environment["PIOT_EXPAND"] = " ".join(holes)
    if expand:
        environment["PIOT_FILES"] = "\n".join(sorted(expand))
    return tuple(sorted(environment.items()))


def _script(path: str, text: str) -> Text:
    return Text(dest=path, content=text.encode(), executable=True)
