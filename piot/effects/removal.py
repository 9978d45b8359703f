"""Removing files and folders, read-only ones too; links go, and what they lead to stays."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from piot.effects.scanning import is_junction, look
from piot.effects.trouble import explained


def remove_file(path: Path) -> bool:
    """Removes a file or link; False when nothing was there."""
    with explained("remove", path):
        try:
            if sys.platform == "win32":
                path.chmod(stat.S_IWRITE)
            path.unlink()
        except FileNotFoundError:
            return False
        return True


def remove_tree(path: Path) -> None:
    """Removes a file, link or folder with all below it, read-only folders too; absent is fine."""
    found = look(path)
    if found is None or found.kind != "directory":
        remove_file(path)
        return
    folders = [str(path)]
    with explained("remove", path):
        for folder in folders:
            os.chmod(folder, 0o700)  # noqa: PTH101 - Path costs as much as the removal
            with os.scandir(folder) as children:
                for child in children:
                    if child.is_dir(follow_symlinks=False) and not (
                        sys.platform == "win32" and is_junction(child.stat(follow_symlinks=False))
                    ):
                        folders.append(child.path)
                    else:
                        _unlink(child.path)
        for folder in reversed(folders):
            os.rmdir(folder)  # noqa: PTH106


def _unlink(path: str) -> None:
    with suppress(FileNotFoundError):
        if sys.platform == "win32":
            os.chmod(path, stat.S_IWRITE)  # noqa: PTH101
        os.unlink(path)  # noqa: PTH108
