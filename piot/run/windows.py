"""What a command on a Windows host is started with, where there are neither scripts nor links nor exec.

Programs are found by folder there, with all that they load from it; a link beside other files would find
nothing. So the launcher (`effects.windows_launch`) makes a small ``.exe`` for each tool that is declared, and
the POSIX utilities are Git's, in the folder that they come in.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path

from piot.effects import files
from piot.errors import MachineError
from piot.model.action import CommandAction
from piot.run import programs

BEGIN = (sys.executable, "-I")
"""What stands before the launcher, which Windows cannot start by itself: piot's own Python."""

SYSTEM = (
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMDATA"),
    *("PROGRAMFILES", "PROGRAMFILES(X86)", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"),
)
"""Where Windows is, and what programs of Microsoft cannot start without, or find each other by."""

STUBS = {"AMD64": "t64.exe", "ARM64": "t64-arm.exe", "x86": "t32.exe"}
"""By `platform.machine`: what pip makes commands of entry points with, as distlib names them."""


def variables(action: CommandAction, path: str, outside: Mapping[str, str]) -> dict[str, str]:
    """What is added to the environment of an action whose PATH is ``path``.

    Raises MachineError where there is no shell, or no stub for this machine.
    """
    found = dict(line for tool in action.tools for line in tool.programs)
    shown = {name: place for name, place in found.items() if Path(place).is_file()}
    return {
        **{name: outside[name] for name in SYSTEM if name in outside},
        "PATH": os.pathsep.join((path, str(programs.beside_git(outside.get("PATH", os.defpath))))),
        "PIOT_PROGRAMS": "\n".join(f"{name}={place}" for name, place in sorted(shown.items())),
        "PIOT_STUB": str(stub(platform.machine())),
    }


def stub(machine: str) -> Path:
    """The program that starts what is packed behind it (`STUBS`), from pip, which piot is installed with."""
    from importlib.util import find_spec

    spec, name = find_spec("pip"), STUBS.get(machine, "")
    place = Path(spec.origin or "").with_name("_vendor") / "distlib" / name if spec and name else None
    if place is None or files.look(place) is None:
        raise MachineError(
            f"this Python's pip has no launcher for {machine or 'this machine'}",
            hint="run `python -m pip install --upgrade pip` in piot's environment",
        )
    return place
