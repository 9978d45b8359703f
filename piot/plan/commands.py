"""Commands as rules declare them: environment, outputs and scripts, checked and made complete."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from piot.errors import InputError
from piot.model.action import CommandAction, Output, Text
from piot.model.label import Label
from piot.model.nodes import check_path

ENVIRONMENT = {
    "HOME": "%{root}/.piot/home",
    "LC_ALL": "C.UTF-8",
    "PATH": "%{root}/.piot/shims:%{root}/.piot/bin",
    "SOURCE_DATE_EPOCH": "315532800",
    "TMPDIR": "%{root}/.piot/tmp",
    "TZ": "UTC",
}
"""What every command sees beside what its rule declares; 315532800 is 1980, where the time of zip begins."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What a POSIX shell hands on (XBD 3.231, Name): dash drops variables that are called otherwise."""


def launched(action: CommandAction, launcher: Text, label: Label) -> CommandAction:
    """``action`` started by the launcher; InputError for what no shell could start, naming ``label``."""
    if not action.argv:
        raise InputError(f"{label}: an empty command", hint="name the program to run")
    for variable, _ in action.environment:
        if not _NAME.fullmatch(variable):
            message = f"{label}: not the name of a variable: {variable!r}"
            raise InputError(message, hint="write letters, digits and _")
    return replace(action, argv=(launcher.dest, *action.argv), inputs=(*action.inputs, launcher))


def environment_of(declared: Mapping[str, str], expand: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """With the names of variables, and of files (``expand``), in which the launcher expands ``%{…}``.

    PATH comes before what names a tool: to find that, the launcher needs a program.
    """
    environment = {**ENVIRONMENT, **declared}
    holes = sorted(name for name, value in environment.items() if "%{" in value)
    if "PATH" in holes and any("%{tool:" in environment[name] for name in holes[: holes.index("PATH")]):
        holes = sorted(holes, key=lambda name: name != "PATH")
    environment["PIOT_EXPAND"] = " ".join(holes)
    if files := sorted(expand):
        environment["PIOT_FILES"] = "\n".join(files)
    return tuple(sorted(environment.items()))


def output_of(action: str, path: str, label: Label) -> Output:
    """A path that ends in ``/`` is a folder; InputError, naming ``label``, for one that leads outside."""
    try:
        checked = check_path(path.rstrip("/"))
    except InputError as error:
        raise InputError(f"{label}: an output is {error.message}", hint=error.hint) from error
    return Output(action=action, path=checked, directory=path.endswith("/"))


def script(path: str, text: str) -> Text:
    """An executable input."""
    return Text(dest=path, content=text.encode(), executable=True)
