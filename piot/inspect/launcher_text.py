"""The module of a wheel that starts the program in it, as an entry point."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from piot.errors import InputError
from piot.model.package import Package, PypiSettings

MODULE = "_launch"

_TEXT = '''\
"""Starts the program that the wheel carries."""

import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    name = "<program>.exe" if os.name == "nt" else "<program>"
    program = Path(__file__).with_name("<folder>") / name
    words = [str(program), *sys.argv[1:]]
    if os.name == "nt":  # exec there leaves the shell waiting for nobody
        sys.exit(subprocess.run(words, check=False).returncode)
    os.execv(program, words)
'''


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """``path`` is relative to the repository; ``script`` is the line for ``[project.scripts]``."""

    path: str
    text: str
    script: str


def launcher(package: Package, source: str = ".") -> Launcher:
    """The launcher of a package with a ``bundle_cli``.

    ``source`` is maturin's ``python-source``, relative to the package. Raises InputError for a package that
    carries no program, and where the program does not lie in a Python package.
    """
    cli = package.settings.bundle_cli if isinstance(package.settings, PypiSettings) else None
    if cli is None or cli.stage_to is None:
        hint = 'give it bundle_cli = { bin = "…", stage_to = "…", crate_path = "…" }'
        raise InputError(f'package "{package.name}" carries no program', hint=hint)
    inside = posixpath.relpath(posixpath.normpath(cli.stage_to), posixpath.normpath(source))
    *modules, folder = inside.split("/")
    if not modules or modules[0] == "..":
        example = posixpath.normpath(f"{source}/{package.registry_name.replace('-', '_')}/_bin")
        message = f'the program of package "{package.name}" lies in "{cli.stage_to}", in no Python package'
        raise InputError(message, hint=f'set stage_to = "{example}", or where the package is')
    place = posixpath.normpath(f"{package.path}/{source}/{'/'.join(modules)}")
    return Launcher(
        path=f"{place}/{MODULE}.py",
        text=_TEXT.replace("<program>", cli.bin).replace("<folder>", folder),
        script=f'{cli.bin} = "{".".join(modules)}.{MODULE}:main"',
    )
