"""The action that warms a linker's cache: once per linker, whoever needs it."""

from __future__ import annotations

from piot.model.action import CommandAction, Mount, Text
from piot.model.label import Label
from piot.model.toolchain import Linker, Preparation
from piot.plan.commands import environment_of, output_of, script

OWNER = Label("", "toolchains")
"""Named where the action is: it belongs to no target of a checkout."""


def scripts_of(linker: Linker) -> tuple[Text, ...]:
    """The programs that the linker is called by."""
    return tuple(script(path, text) for path, text in linker.scripts)


def warming(
    linker: Linker, preparation: Preparation, mounts: tuple[Mount, ...], *, stripped: bool
) -> CommandAction:
    """Its output is the cache, warm for stripped results or for those with debug information too."""
    name = preparation.name if stripped else f"{preparation.name} with debug information"
    modes = ("stripped",) if stripped else ("stripped", "whole")
    own = (*scripts_of(linker), *(script(path, text) for path, text in preparation.scripts))
    action = f"@piot//toolchains%{name}"
    return CommandAction(
        id=action,
        label="@piot//toolchains",
        triple=None,
        mnemonic=f"warm cache of {name}",
        argv=(*preparation.argv, *modes),
        environment=environment_of(dict(linker.environment), [text.dest for text in own]),
        inputs=own,
        mounts=mounts,
        tools=linker.tools,
        outputs=(output_of(action, f"{preparation.folder}/", OWNER),),
        public=False,
    )
