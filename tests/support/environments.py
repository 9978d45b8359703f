"""Python environments for tests, other than those that ``python -m venv`` makes."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

FOREIGN = ("site-packages", "dist-packages", "EXTERNALLY-MANAGED")


def conda_like(folder: Path) -> Path:
    """A folder as conda makes them: a Python of its own, which is no virtual environment, and ``conda-meta``.

    The interpreter is copied, for it finds its home beside itself; the standard library is linked.
    """
    if sys.platform == "win32":
        pytest.skip("interpreters are laid out otherwise there")
    if "posix_local" in sysconfig.get_scheme_names():
        pytest.skip("Debian's Python installs below local/, which no Python of conda does")
    stdlib = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    for each in (folder / "bin", folder / "conda-meta", stdlib / "site-packages"):
        each.mkdir(parents=True)
    (folder / "conda-meta" / "history").touch()
    for path in Path(sysconfig.get_path("stdlib")).iterdir():
        if path.name not in FOREIGN:
            (stdlib / path.name).symlink_to(path)
    base = Path(sys.base_prefix) / "bin" / stdlib.name
    for library in (Path(sys.base_prefix) / "lib").glob("libpython*"):
        (folder / "lib" / library.name).symlink_to(library)
    shutil.copy(base, folder / "bin/python")
    ask = [str(folder / "bin/python"), "-I", "-c", "import sys; print(sys.prefix)"]
    done = subprocess.run(ask, capture_output=True, text=True, check=False)
    if done.stdout.strip() != str(folder):
        pytest.skip(f"this Python cannot be copied: {done.stdout}{done.stderr}")
    return folder
