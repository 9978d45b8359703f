"""Small looks at files that may not be there, and folders that go away again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from piot.effects import witness
from piot.errors import MachineError


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file, None when there is none; raises MachineError when it cannot be read."""
    witness.saw(path)
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise MachineError(f"cannot read {path}: {error.strerror or error}") from error


def files_like(folder: Path, pattern: str) -> tuple[Path, ...]:
    """The regular files below ``folder`` that match the glob ``pattern``, sorted; none without a folder.

    For caches of pinned files: they decide where something comes from, not what it is, so nobody notes them.
    """
    try:
        return tuple(sorted(path for path in folder.glob(pattern) if path.is_file()))
    except OSError as error:
        raise MachineError(f"cannot list {folder}: {error.strerror or error}") from error


@contextmanager
def scratch_folder(files: Mapping[str, bytes] | None = None) -> Generator[Path, None, None]:
    """A new folder with ``files`` (name to content), removed with all that is in it at the end."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="piot-"))
        for name, data in (files or {}).items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise MachineError(f"cannot write to a temporary folder: {error.strerror or error}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        witness.removed(folder)
