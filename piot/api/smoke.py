"""How smoke tests try what was built: installed or unpacked in a fresh place, loaded and started."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from piot.api.context import Context
from piot.api.npm_install import ENVIRONMENT, REPOSITORY, script, third_party
from piot.api.smoke_scripts import INSIDE, NODE, TRY
from piot.errors import InputError
from piot.model.action import Fetched, Input, Mount, Output, Produced, Text
from piot.model.label import Label
from piot.model.provider import Archive, Executable, NpmPackage, Wheel
from piot.model.toolchain import Emulator, Lack
from piot.model.triple import Triple

__all__ = ["try_all"]

Made = Wheel | NpmPackage | Executable | Archive
KINDS: tuple[type[Made], ...] = (Wheel, NpmPackage, Executable, Archive)

SCRIPT, PLAN = ".piot/try.py", ".piot/try.json"
PIP = "pip"
PIP_PYTHON = ">=3.10"
"""What the pinned pip runs on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is tried, what is installed beside it, and how programs are started.

    ``directory`` is the folder of the manifest that says which Python the wheels are for, or which
    third-party packages the npm packages need; ``arguments`` are those of programs, ``--version`` when empty.
    """

    made: tuple[Made, ...]
    beside: tuple[Label, ...]
    directory: str
    arguments: tuple[str, ...]
    timeout: int


def try_all(
    ctx: Context,
    labels: Sequence[Label],
    *,
    beside: Sequence[Label],
    directory: str,
    arguments: Sequence[str],
    declared: Collection[str],
    timeout: int,
) -> None:
    """Declares the commands that try what ``labels`` give; what cannot run here lacks a machine.

    ``declared`` are the triples that it is made for, any when empty.
    """
    trial = Trial(
        made=tuple(_made(ctx, label) for label in labels),
        beside=tuple(beside),
        directory=directory,
        arguments=tuple(arguments),
        timeout=timeout,
    )
    emulator = _emulator(ctx, trial.made, declared)
    if any(not isinstance(each, NpmPackage) for each in trial.made):
        _by_python(ctx, trial, emulator)
    if names := [each.name for each in trial.made if isinstance(each, NpmPackage)]:
        _by_node(ctx, trial, names)


def _made(ctx: Context, label: Label) -> Made:
    for kind in KINDS:
        with suppress(InputError):
            return ctx.get(label, kind)
    return ctx.fail(
        f"{label} gives nothing that can be installed, unpacked or started",
        hint="name targets that give wheels, npm packages, archives or programs",
    )


def _emulator(ctx: Context, made: Sequence[Made], declared: Collection[str]) -> Emulator | None:
    """What runs the programs; None where this machine does. All that cannot be run lacks a machine.

    Static programs for musl run beside glibc too. Wheels and packages of npm need a Python and a Node.js of
    their platform, of which there are none here. A package of npm knows the packages of its platforms by
    name, and has none for others.
    """
    if ctx.triple == ctx.host:
        if declared and ctx.host not in declared and any(isinstance(each, NpmPackage) for each in made):
            _lack(ctx, f"is {ctx.host}, for which there is no platform package", "test it on another")
        return None
    here, there = Triple.parse(ctx.host), Triple.parse(ctx.triple)
    for kind, needed in ((Wheel, "Python"), (NpmPackage, "Node.js")):
        if here.os == there.os and any(isinstance(each, kind) for each in made):
            reason = f"is {ctx.host}, and has no {needed} for {ctx.triple}"
            _lack(ctx, reason, "test it on a machine of that kind")
    if (there.arch, there.os, there.libc) == (here.arch, "linux", "musl") and here.os == "linux":
        return None
    programs = all(isinstance(each, Executable | Archive) for each in made)
    emulator = ctx.emulator() if programs else None
    if emulator is None:
        reason = f"is {ctx.host}, on which nothing runs that is for {ctx.triple}"
        _lack(ctx, reason, "test it on a machine of that kind")
    return emulator


def _lack(ctx: Context, reason: str, remedy: str) -> NoReturn:
    ctx.lack(Lack(candidate="this machine", reason=reason, remedy=remedy))


def _by_python(ctx: Context, trial: Trial, emulator: Emulator | None) -> None:
    inputs: list[Input] = []

    def staged(output: Output) -> str:
        place = f"in/{len(inputs)}" + ("" if output.directory else f"/{output.path.rpartition('/')[2]}")
        inputs.append(Produced(output=output, dest=place))
        return place

    wheels = [each for each in trial.made if isinstance(each, Wheel)]
    others = [staged(ctx.get(label, Wheel).folder) for label in trial.beside] if wheels else []
    plan = {
        "wheels": [[staged(each.folder), *others] for each in wheels],
        "programs": [staged(each.file) for each in trial.made if isinstance(each, Executable)],
        "archives": [
            {"folder": staged(each.folder), "programs": each.programs}
            for each in trial.made
            if isinstance(each, Archive)
        ],
        "arguments": trial.arguments,
    }
    texts = {SCRIPT: TRY, ".piot/inside.py": INSIDE, PLAN: json.dumps(plan, indent=1)}
    found = ctx.interpreter(requires=_python(ctx, trial.directory) if wheels else ">=3.9")
    python, runtime = found.tool, ctx.runtime(trial.directory, found) if wheels else None
    ctx.run(
        f"%{{tool:{python.name}}}",
        *("-ISB", SCRIPT, PLAN),
        mnemonic="smoke test",
        outputs=(),
        inputs=(*inputs, *(Text(dest=path, content=text.encode()) for path, text in texts.items())),
        environment={**_through(emulator), **(_environment(runtime) if wheels else {})},
        mounts=(ctx.tool(PIP), *((runtime,) if runtime else ())) if wheels else (),
        tools=(python, *((emulator.tool,) if emulator else ())),
        timeout_seconds=trial.timeout,
    )


def _through(emulator: Emulator | None) -> dict[str, str]:
    """What programs are started with, as variables, which the launcher fills in."""
    return {f"EMULATOR{number}": word for number, word in enumerate(emulator.argv if emulator else ())}


def _environment(runtime: Mount | None) -> dict[str, str]:
    known = {"PIP": f"%{{tool:{PIP}}}", "PYTHONDONTWRITEBYTECODE": "1"}
    return {**known, "RUNTIME": f"%{{tool:{runtime.name}}}"} if runtime else known


def _python(ctx: Context, directory: str) -> str:
    """The version that the wheel is for, else what the project asks for."""
    if ctx.python:
        if not ctx.python.replace(".", "").isdecimal():
            reason = "is not looked for on this machine"
            ctx.lack(Lack(candidate=f"Python {ctx.python}", reason=reason, remedy="test its wheel by hand"))
        return f"{PIP_PYTHON},=={ctx.python}.*"
    known = ctx.text(f"{directory}/pyproject.toml".removeprefix("./")) is not None
    asked = ctx.pyproject(directory).requires_python if known else None
    return f"{PIP_PYTHON},{asked}" if asked else PIP_PYTHON


def _by_node(ctx: Context, trial: Trial, names: Sequence[str]) -> None:
    """All packages, and what package-lock.json pins of what they need, are given to npm as files."""
    made = [each.folder for each in trial.made if isinstance(each, NpmPackage)]
    made += [output for label in trial.beside for output in ctx.outputs(label)]
    pinned = third_party(ctx, ctx.npm(trial.directory), [*names, *_names(ctx, trial.beside)])
    texts: Mapping[str, str] = {"package.json": '{"private": true}\n', "try.cjs": NODE}
    install = "npm install --ignore-scripts --no-save --no-package-lock"
    lines = [f'{install} "$PIOT_ROOT"/in/*/*.tgz >/dev/null', f"node try.cjs {' '.join(names)}"]
    ctx.run(
        ".piot/shims/smoke",
        mnemonic="smoke test",
        name="npm",
        outputs=(),
        inputs=(
            *(Produced(output=output, dest=f"in/{number}") for number, output in enumerate(made)),
            *(
                Fetched(archive=each, dest=f"in/pinned+{each.name.replace('/', '+')}/{each.version}.tgz")
                for each in pinned
            ),
            *(Text(dest=f"{REPOSITORY}/{path}", content=text.encode()) for path, text in texts.items()),
            script("smoke", lines),
        ),
        environment={**ENVIRONMENT, "SMOKE_ARGUMENTS": json.dumps(trial.arguments)},
        tools=ctx.node().tools,
        timeout_seconds=trial.timeout,
    )


def _names(ctx: Context, labels: Iterable[Label]) -> list[str]:
    return [ctx.get(label, NpmPackage).name for label in labels]
