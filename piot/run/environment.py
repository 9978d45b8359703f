"""The Python environment that a person works in: found, asked, and installed into by pip."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from piot.effects import files, process
from piot.errors import MachineError
from piot.model.python.wheel_tags import fit
from piot.model.triple import Triple

ASK = """\
import json, sys, sysconfig
print(json.dumps([list(sys.version_info[:3]), sys.implementation.name,
    bool(sysconfig.get_config_var("Py_GIL_DISABLED")), sysconfig.get_path("platlib")]))
"""

MARKS = {"VIRTUAL_ENV": "pyvenv.cfg", "CONDA_PREFIX": "conda-meta"}
"""What names the active environment, and what stands in every environment of its kind."""

CONDA_BASE = ("base", "root")
"""``CONDA_DEFAULT_ENV`` of the environment that conda itself lives in, now and in old releases."""

MAKE = "make one: python3 -m venv .venv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """``shown`` is what messages call it; ``packages`` is its site-packages for compiled projects."""

    root: Path
    shown: str
    python: Path
    version: tuple[int, int, int]
    implementation: str
    free_threaded: bool
    packages: Path

    @property
    def about(self) -> str:
        """``CPython 3.12.1``."""
        name = {"cpython": "CPython", "pypy": "PyPy"}.get(self.implementation, self.implementation)
        return f"{name} {'.'.join(map(str, self.version))}{' (free-threaded)' if self.free_threaded else ''}"

    def takes(self, wheel: str, host: Triple) -> bool:
        """Whether a wheel of this name can be imported; abi3 means CPython with a GIL (PEP 703)."""
        plain = self.implementation == "cpython" and not self.free_threaded
        return (plain or "-abi3-" not in wheel) and fit(wheel, host, None, self.version[:2]) is not None


def find_environment(environ: Mapping[str, str], directory: Path, root: Path) -> Environment:
    """The active environment, else the nearest ``.venv`` from ``directory`` up to ``root``.

    That of ``VIRTUAL_ENV`` was made on top of that of ``CONDA_PREFIX`` where there are both, and conda's
    base is active in many people's shells all the time without being meant: as uv sees it (uv#2574).
    Raises MachineError when there is none, or when its Python does not run.
    """
    base = environ.get("CONDA_DEFAULT_ENV") in CONDA_BASE
    for name, mark in MARKS.items():
        active = environ.get(name)
        if active and not (base and name == "CONDA_PREFIX"):
            if files.look(Path(active) / mark) is None:
                raise MachineError(
                    f"{name} is {active}, where there is no Python environment",
                    hint=f"activate another one, or unset {name} to use .venv",
                )
            return _asked(Path(active), active, environ)
    for folder in (directory, *directory.parents):
        if (folder / ".venv" / "pyvenv.cfg").is_file():
            shown = (folder / ".venv").relative_to(root) if folder.is_relative_to(root) else folder / ".venv"
            return _asked(folder / ".venv", shown.as_posix(), environ)
        if folder == root:
            break
    hint = f"conda's base is not used: activate another environment, or {MAKE}" if base else MAKE
    raise MachineError(f"no Python environment is active, and there is no .venv in {root}", hint=hint)


def _asked(root: Path, shown: str, environ: Mapping[str, str]) -> Environment:
    python = root / _program(root)
    try:
        done = process.run([str(python), "-I", "-c", ASK], cwd=root, env=environ, timeout=60)
        version, implementation, free_threaded, packages = json.loads(done.stdout)
    except (MachineError, ValueError) as error:
        raise MachineError(f"the Python of {shown} does not run", hint=f"{MAKE} --clear") from error
    return Environment(
        root=root,
        shown=shown,
        python=python,
        version=(version[0], version[1], version[2]),
        implementation=implementation,
        free_threaded=free_threaded,
        packages=Path(packages),
    )


def _program(root: Path) -> str:
    """conda puts it elsewhere on Windows than ``venv`` does."""
    if sys.platform != "win32":
        return "bin/python"
    return "Scripts/python.exe" if files.look(root / MARKS["VIRTUAL_ENV"]) else "python.exe"


def is_installed(environment: Environment, info: str, record: Sequence[str]) -> bool:
    """Whether just these files were installed, by the RECORD in the folder ``info`` of site-packages."""
    path = environment.packages / info / "RECORD"
    if files.look(path) is None:
        return False
    there = set(files.read_file(path).decode("utf-8", "replace").splitlines())
    named = [environment.packages / line.rsplit(",", 2)[0] for line in record if ".data/" not in line]
    plain = {line for line in record if ".data/" not in line}
    return plain <= there and all(files.look(each) is not None for each in named)


def install(environment: Environment, folder: Path, requirement: str, environ: Mapping[str, str]) -> None:
    """Installs the one wheel in ``folder``; what was installed under its name is taken out first.

    It is named and found, not given by path: then pip leaves the ``direct_url.json`` in it as it is.
    """
    options = ("--no-deps", "--no-index", "--force-reinstall", "--find-links", str(folder))
    _pip(environment, environ, "--isolated", "install", *options, requirement)


def install_needed(
    environment: Environment, requirements: Sequence[str], environ: Mapping[str, str], *, offline: bool
) -> None:
    """Installs what a project needs and the environment lacks, as pip is configured."""
    if requirements:
        _pip(environment, environ, "install", *(["--no-index"] if offline else []), *requirements)


def _pip(environment: Environment, environ: Mapping[str, str], *words: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    argv = [sys.executable, "-m", "pip", "--python", str(environment.python), *quiet, *words]
    done = process.run(argv, cwd=environment.root, env=environ)
    if done.code:
        raise MachineError(f"pip could not install into {environment.shown}:\n{done.complaint}")
