"""The context that rules act on: facts in, declared actions out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn, TypeVar

from piot.errors import InputError, PiotError, Problems
from piot.model.action import (
    CommandAction,
    Incremental,
    Input,
    Mount,
    Output,
    Produced,
    Start,
)
from piot.model.cargo.facts import Crate, Workspace
from piot.model.label import Label
from piot.model.npm.project import NpmProject
from piot.model.plan import Configured
from piot.model.proof import Proof
from piot.model.provider import Provider
from piot.model.python.pyproject import Pyproject
from piot.model.rule import Sources
from piot.model.toolchain import Linker, SystemTool
from piot.plan.commands import ENVIRONMENT, environment_of, launched, output_of
from piot.plan.tooled import Lacking, Surroundings, Tooled
from piot.plan.warming import scripts_of, warming

__all__ = ["ENVIRONMENT", "Absent", "Lacking", "Surroundings", "TargetContext"]

P = TypeVar("P")


class Absent(PiotError):
    """A rule asks for what a dependency would provide that cannot be; what is wrong is known already."""


class TargetContext(Tooled):
    """``Context`` for one configured target; ``providers`` are its dependencies', None of those that fail."""

    def __init__(
        self,
        target: Configured,
        around: Surroundings,
        providers: Mapping[Label, tuple[Provider, ...] | None],
        actions: dict[str, CommandAction],
        runner: str | None = None,
    ) -> None:
        super().__init__(target, around, runner)
        self._providers = providers
        self._actions = actions
        self.declared: list[str] = []

    def get(self, label: Label, provider: type[P]) -> P:
        for provided in self._provided(label):
            if isinstance(provided, provider):
                return provided
        offered = [type(each).__name__ for each in self._provided(label)]
        said = f"it provides {', '.join(offered)}" if offered else "it is no attribute of this target"
        raise InputError(f"{self.label} needs the provider {provider.__name__} from {label}, but {said}")

    def outputs(self, label: Label) -> tuple[Output, ...]:
        return tuple(output for each in self._provided(label) for output in each.outputs)

    def _provided(self, label: Label) -> tuple[Provider, ...]:
        found = self._providers.get(label, ())
        if found is None:
            raise Absent(f"{label} cannot be")
        return found

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

    def fail(self, message: str, *, hint: str | None = None) -> NoReturn:
        named = message if str(self.label) in message else f"{self.label}: {message}"
        raise InputError(named, hint=hint)

    def _declare(self, action: CommandAction) -> tuple[Output, ...]:
        action = launched(action, self._around.launcher, self.label)
        if self._actions.setdefault(action.id, action) != action:
            raise InputError(f"two different actions are called {action.id}", hint="give ctx.run a name=")
        self.declared.append(action.id)
        return action.outputs
