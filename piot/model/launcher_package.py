"""The small Python module that starts a program which a wheel carries: where it stands, and its text."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass

from piot.errors import InputError
from piot.model.package import BundleCli
from piot.model.pyproject import Maturin, Pyproject

MODULE = "_launch"

TEXT = '''\
"""Starts the program that the wheel carries."""

import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    name = {exe} if os.name == "nt" else {name}
    program = Path(__file__).parent{folder} / name
    words = [str(program), *sys.argv[1:]]
    if os.name == "nt":  # exec there leaves the shell waiting for nobody
        sys.exit(subprocess.run(words, check=False).returncode)
    os.execv(program, words)
'''
"""On Unix the program takes the place of Python. On Windows Python waits, and hands on the exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """``path`` is where it belongs, relative to the repository root; ``script`` its line in
    ``[project.scripts]`` of ``manifest``."""

    path: str
    text: str
    script: str
    manifest: str


def launcher(project: Pyproject, cli: BundleCli) -> Launcher:
    """The module in the Python package that ``cli`` is staged in; raises InputError where it is in none."""
    source = (project.maturin or Maturin()).python_source or "."
    inside = posixpath.relpath(posixpath.normpath(cli.stage_to or "."), posixpath.normpath(source))
    package, *folders = inside.split("/")
    if not package.isidentifier():
        place = posixpath.join(source, "my_package/_bin")
        raise InputError(
            f"stage_to {cli.stage_to} is in no Python package of {project.directory}",
            hint=f'choose a folder inside of it, as in stage_to = "{place}"',
        )
    place = posixpath.normpath(posixpath.join(project.directory, source, package, f"{MODULE}.py"))
    text = TEXT.format(
        exe=json.dumps(f"{cli.bin}.exe"),
        name=json.dumps(cli.bin),
        folder="".join(f" / {json.dumps(folder)}" for folder in folders),
    )
    manifest = posixpath.normpath(posixpath.join(project.directory, "pyproject.toml"))
    return Launcher(path=place, text=text, script=f'{cli.bin} = "{package}.{MODULE}:main"', manifest=manifest)
