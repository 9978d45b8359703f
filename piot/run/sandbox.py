"""A private folder for one action, and the command that runs it there at a sandbox level.

``dir``: a copy of the inputs, a scrubbed environment, and a PATH of declared tools only. ``bwrap``:
the same inside bubblewrap, where nothing but inputs, tools and the system's libraries is visible
and there is no network. ``none``: the copy, with the user's environment underneath.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from piot.effects import files, host
from piot.model.action import CommandAction
from piot.model.digest import Digest
from piot.run import bubblewrap, exec_folder, mounts, programs, windows
from piot.run.mounts import Mounted
from piot.run.staged import Staged
from piot.run.stores.local import TREE_TIME, LocalStore
from piot.run.stores.materialise import WithTree, materialise

LINE = 110
"""Columns of a command that is shown; a terminal takes no more than 4096 bytes a line (N_TTY) when pasted."""

PROGRAMS = ".piot/bin"
"""The folder in the exec root with links to all programs that a command may call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A full command line and its environment."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """A folder ready to run in: ``root`` on this machine, and what is called there.

    ``by_hand`` is the same call as a person can repeat it: without the jobserver, which is gone then, and
    at level ``none`` with the action's own variables only, over that person's. ``folder`` is all that the
    sandbox takes up on the disk.
    """

    folder: Path
    root: Path
    call: Call
    by_hand: Callable[[], Call]
    clean: bool
    """Whether nothing of the caller's environment is visible."""
    called: Callable[[tuple[str, ...]], Call]
    """Another command line of the action in the same sandbox."""


def prepare(
    store: LocalStore,
    action: CommandAction,
    staged: Staged,
    *,
    level: str,
    outside: Mapping[str, str],
    jobserver: Path | None,
    keep: bool = False,
    start: Digest | None = None,
) -> Sandbox:
    """Copies the inputs, shows the mounts and links the tools; the caller removes ``folder`` afterwards.

    ``start`` is the content of the folder that the action starts from (`model.action.Start`), if it does.

    All files have one time, that of mounted trees too: cargo takes a dependency layer for stale when
    a vendored source is newer than what was made from it. The folders of outputs are there, as REAPI
    wants them (``Command.output_paths``).
    """
    folder = exec_folder.fresh(store, level=level, keep=keep)
    with files.discarding(folder):
        _lay_out(store, folder / "root", action, staged, start)
        return enter(store, action, staged, folder, level=level, outside=outside, jobserver=jobserver)


def enter(
    store: LocalStore,
    action: CommandAction,
    staged: Staged,
    folder: Path,
    *,
    level: str,
    outside: Mapping[str, str],
    jobserver: Path | None,
) -> Sandbox:
    """The sandbox of a folder in whose ``root`` the inputs are laid out already; shows the mounts."""
    root = folder / "root"
    shown = mounted(store, staged)
    if level != "bwrap":
        for each in shown:
            mounts.show(each)
    caller = _Caller(store=store, action=action, level=level, root=root, shown=shown)
    clean = level != "none"
    ambient = outside if clean else {"PATH": outside.get("PATH", os.defpath)}
    return Sandbox(
        folder=folder,
        root=root,
        call=caller.call(action.argv, outside, jobserver),
        by_hand=lambda: caller.call(action.argv, ambient, None),
        clean=clean,
        called=lambda argv: caller.call(argv, outside, jobserver),
    )


def mounted(store: LocalStore, staged: Staged) -> tuple[Mounted, ...]:
    """The mounts of an action as they stand on this machine."""
    return tuple(mounts.stable(store, name, digest, entries) for name, digest, entries in staged.mounts)


def _lay_out(
    store: LocalStore, root: Path, action: CommandAction, staged: Staged, start: Digest | None
) -> None:
    """The inputs, what it starts from, the folders of its outputs, and links to its programs."""
    files.make_directory(root)
    inputs = staged.private
    materialise(WithTree(store, inputs), inputs.root, root, mtime=TREE_TIME)
    if start is not None and action.start is not None:
        files.make_directory((root / action.start.folder).parent)
        materialise(store, start, root / action.start.folder, mtime=TREE_TIME)
    for output in action.outputs:
        files.make_directory((root / output.path).parent)
    path = root / PROGRAMS
    files.make_directory(path)
    if sys.platform != "win32":
        for name, program in tools(action).items():
            files.make_link(f"{path}{os.sep}{name}", str(program))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    """What every command line in one sandbox has in common."""

    store: LocalStore
    action: CommandAction
    level: str
    root: Path
    shown: tuple[Mounted, ...]

    def call(self, argv: tuple[str, ...], outside: Mapping[str, str], jobserver: Path | None) -> Call:
        environment = _environment(self.action, self.level, outside, self.shown, jobserver)
        if self.level == "bwrap":
            base, found = programs.folder(self.store), tools(self.action)
            begin = (_bwrap(outside), self.root, self.action)
            argv = (*bubblewrap.command(*begin, self.shown, base, found, jobserver), *argv)
        if sys.platform == "win32":
            argv = (*windows.BEGIN, *argv)
        return Call(argv=argv, environment=environment)


def _bwrap(outside: Mapping[str, str]) -> str:
    found = host.which("bwrap", outside.get("PATH", os.defpath))
    return str(found[0]) if found else "bwrap"


def tools(action: CommandAction) -> dict[str, Path]:
    """Program names to real files: what is declared, then the base utilities of this system."""
    found = dict(programs.base())
    for tool in action.tools:
        found.update({name: Path(path) for name, path in tool.programs})
    return found


def _environment(
    action: CommandAction,
    level: str,
    outside: Mapping[str, str],
    shown: tuple[Mounted, ...],
    jobserver: Path | None,
) -> dict[str, str]:
    environment = dict(outside) if level == "none" else {}
    environment.update(action.environment)
    found = {_variable(name): path for name, path in places(action, shown).items()}
    environment.update(found)
    environment["PIOT_TOOLS"] = "\n".join(sorted(found))
    if jobserver is not None:
        environment["MAKEFLAGS"] = f"-j --jobserver-auth=fifo:{jobserver}"
        environment["CARGO_MAKEFLAGS"] = environment["MAKEFLAGS"]
    if sys.platform == "win32":
        environment.update(windows.variables(action, environment["PATH"], outside))
    if level == "none":
        environment["PATH"] = os.pathsep.join((environment["PATH"], outside.get("PATH", os.defpath)))
    return environment


def places(action: CommandAction, shown: tuple[Mounted, ...]) -> dict[str, str]:
    """What ``%{tool:NAME}`` stands for by name: mounts, and programs of this machine."""
    found = {each.name: str(each.path) for each in shown}
    for tool in action.tools:
        found.update(dict(tool.programs))
    if sys.platform == "win32":  # in the files that this goes into a backslash means something else
        return {name: Path(path).as_posix() for name, path in found.items()}
    return found


def _variable(name: str) -> str:
    """Where the launcher looks for the place of a tool."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name)
    return f"PIOT_TOOL_{kept}"


def by_hand(box: Sandbox) -> Path:
    """Writes a script beside the sandbox that runs its command again, and gives its path."""
    script = box.folder / "by-hand"
    files.write_atomic(script, f"#!/bin/sh\n{line_by_hand(box)}\n".encode(), mode=0o755)
    return script


def line_by_hand(box: Sandbox) -> str:
    """The shell command that runs the sandbox's command again; the shell becomes that command."""
    call = box.by_hand()
    words = [f"{name}={value}" for name, value in sorted(call.environment.items())] + list(call.argv)
    lines = [f"cd {shlex.quote(str(box.root))} && exec env{' -i' if box.clean else ''}"]
    for word in map(shlex.quote, words):
        if len(lines[-1]) + len(word) > LINE:
            lines.append(f"  {word}")
        else:
            lines[-1] += f" {word}"
    return " \\\n".join(lines)
