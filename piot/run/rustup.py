"""Asks rustup for the standard library of a target, where a compiler that it manages could take one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from piot.effects.host import which
from piot.effects.process import run
from piot.errors import MachineError
from piot.model.toolchain import Found

PATIENCE = 600.0
"""Seconds that a download may take."""


def add_target(
    compilers: Sequence[Found], triple: str, channel: str | None, environ: Mapping[str, str]
) -> str | None:
    """``rustup target add`` for the first compiler of rustup's; None when it worked, else what it said.

    ``channel`` chooses the toolchain where ``rust-toolchain.toml`` asks for one (rustup book, "Overrides").
    """
    programs = which("rustup", environ.get("PATH", ""))
    managed = [each for each in compilers if Path(each.program).parts[-4:-3] == ("toolchains",)]
    if not programs or not managed:
        return "no compiler here is managed by rustup"
    toolchain = channel or Path(managed[0].program).parts[-3]
    argv = (str(programs[0]), "target", "add", "--toolchain", toolchain, triple)
    try:
        done = run(argv, cwd=Path("/"), env=environ, timeout=PATIENCE)
    except MachineError as error:
        return error.message
    return None if done.code == 0 else done.complaint.strip().splitlines()[-1]
