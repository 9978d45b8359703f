"""The launcher of a program in a wheel, run for real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.inspect.launcher_text import launcher
from piot.model.package import BundleCli, CratesSettings, Package, PypiSettings

ROOT = Path(__file__).parents[2]


def package(stage_to: str | None, path: str = "py") -> Package:
    cli = None if stage_to is None else BundleCli(bin="greet", stage_to=stage_to, crate_path="cli")
    settings = PypiSettings(pypi="my-greeter", build="maturin", bundle_cli=cli)
    return Package(name="greeter", kind="pypi", path=path, paths=("**",), settings=settings)


@pytest.mark.parametrize(
    ("path", "stage_to", "source", "expected"),
    [
        ("py", "python/greeter/_bin", "python", ("py/python/greeter/_launch.py", "greeter._launch")),
        (".", "greeter/_bin", ".", ("greeter/_launch.py", "greeter._launch")),
        ("py", "./src/a/b/bin/", "src/", ("py/src/a/b/_launch.py", "a.b._launch")),
    ],
)
def test_it_lies_beside_the_program(path: str, stage_to: str, source: str, expected: tuple[str, str]) -> None:
    found = launcher(package(stage_to, path), source)
    assert (found.path, found.script) == (expected[0], f'greet = "{expected[1]}:main"')


def test_it_is_the_one_of_the_project_that_is_tested_with_real_wheels() -> None:
    folder = ROOT / "tests/projects/bundled_wheel/python/py/greeter/_launch.py"
    found = launcher(package("py/greeter/_bin"), "py").text
    assert found.split("\ndef main")[1] == folder.read_text(encoding="utf-8").split("\ndef main")[1]


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script is the program")
def test_the_program_takes_the_place_of_python(tmp_path: Path) -> None:
    found = launcher(package("greeter/_bin", "."))
    module = tmp_path / found.path
    module.parent.mkdir(parents=True)
    module.write_text(found.text, encoding="utf-8")
    program = module.parent / "_bin/greet"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$*"\nexit 7\n', encoding="utf-8")
    program.chmod(0o755)
    words = [sys.executable, "-c", "from greeter._launch import main; main()", "a b", "c"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "a b c\n")


@pytest.mark.parametrize(
    ("stage_to", "message"),
    [
        (None, 'package "greeter" carries no program'),
        ("bin", 'the program of package "greeter" lies in "bin", in no Python package'),
    ],
)
def test_without_a_place_there_is_none(stage_to: str | None, message: str) -> None:
    with pytest.raises(InputError) as caught:
        launcher(package(stage_to))
    assert caught.value.message == message


def test_a_place_beside_the_python_source_is_refused_with_one_inside() -> None:
    with pytest.raises(InputError) as caught:
        launcher(package("bin"), "python")
    assert caught.value.hint == 'set stage_to = "python/my_greeter/_bin", or where the package is'


def test_a_crate_carries_no_program() -> None:
    crate = Package(
        name="core", kind="crates", path=".", paths=("**",), settings=CratesSettings(crate="core")
    )
    with pytest.raises(InputError, match='package "core" carries no program'):
        launcher(crate)
