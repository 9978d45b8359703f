"""The room on a disk, and whether a folder can be written."""

from __future__ import annotations

import shutil
from pathlib import Path

from piot.effects import files
from piot.errors import MachineError


def free_bytes(path: Path) -> int:
    """What this user may still write to the disk of ``path``, or of the nearest folder that is there."""
    place = next((each for each in (path, *path.parents) if each.is_dir()), Path("/"))
    try:
        return shutil.disk_usage(place).free
    except OSError as error:
        raise MachineError(f"cannot ask how full {place} is: {error.strerror or error}") from error


def unwritable(folder: Path) -> str | None:
    """Why no file can be written into ``folder``, which is made where missing; None when one can."""
    trial = files.beside(folder / "trial")
    try:
        files.write_atomic(trial, b"")
        files.remove_file(trial)
    except MachineError as error:
        return error.message
    return None
