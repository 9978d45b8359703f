"""The module that starts the program of a wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.launcher_package import Launcher, launcher
from piot.model.package import BundleCli
from piot.model.pyproject import Maturin, Pyproject
from tests.support.checkout import ROOT

PAGE = ROOT / "docs/how-to/ship-a-program.md"


def made(stage_to: str, source: str | None = "py", directory: str = "python") -> Launcher:
    project = Pyproject(directory=directory, maturin=Maturin(python_source=source))
    return launcher(project, BundleCli(bin="greet", stage_to=stage_to, crate_path="cli"))


def test_it_is_what_the_how_to_page_and_its_project_have() -> None:
    found = made("py/greeter/_bin")
    (text,) = re.findall(r"^```python\n# python/(py/\S+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert (found.path, found.text) == (f"python/{text[0]}", text[1])
    assert found.text == (ROOT / "tests/projects/bundled_wheel" / found.path).read_text("utf-8")
    assert f"[project.scripts]\n{found.script}\n" in PAGE.read_text("utf-8")
    assert found.manifest == "python/pyproject.toml"


@pytest.mark.parametrize(
    ("stage_to", "source", "directory", "path", "line"),
    [
        ("greeter", None, ".", "greeter/_launch.py", "Path(__file__).parent / name"),
        ("./greeter/a/b/", ".", "x", "x/greeter/_launch.py", 'Path(__file__).parent / "a" / "b" / name'),
    ],
)
def test_it_stands_at_the_top_of_the_package_that_holds_the_program(
    stage_to: str, source: str | None, directory: str, path: str, line: str
) -> None:
    found = made(stage_to, source, directory)
    assert found.path == path
    assert f"    program = {line}\n" in found.text


@pytest.mark.parametrize("stage_to", ["bin", ".", "py", "py/no-package/_bin"])
def test_a_place_in_no_package_is_refused(stage_to: str) -> None:
    with pytest.raises(InputError) as caught:
        made(stage_to)
    assert str(caught.value) == (
        f"stage_to {stage_to} is in no Python package of python\n\n"
        'hint: choose a folder inside of it, as in stage_to = "py/my_package/_bin"'
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The module with a program beside it that tells its arguments and ends with 7."""
    (tmp_path / "greeter/_bin").mkdir(parents=True)
    (tmp_path / "greeter/_launch.py").write_text(made("py/greeter/_bin").text)
    for name in ("greet", "greet.exe"):
        program = tmp_path / "greeter/_bin" / name
        program.write_text('#!/bin/sh\necho "$0" "$@"\nexit 7\n')
        program.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="the programs are scripts of a shell")
@pytest.mark.parametrize(("system", "name"), [("posix", "greet"), ("nt", "greet.exe")])
def test_arguments_and_the_exit_code_are_handed_on(installed: Path, system: str, name: str) -> None:
    """On Windows by a child process, which is what is tried here with another name of the system."""
    stand_in = "types.SimpleNamespace(name='nt')" if system == "nt" else "it.os"
    code = f"import types, greeter._launch as it; it.os = {stand_in}; it.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "a b", "c"], cwd=installed, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"{installed}/greeter/_bin/{name} a b c\n"
