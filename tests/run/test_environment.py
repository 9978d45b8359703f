"""The Python environment that is installed into."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from piot.errors import MachineError
from piot.model.triple import Triple
from piot.run.environment import Environment, find_environment, is_installed
from tests.support.environments import conda_like

HOST = Triple.parse("x86_64-unknown-linux-gnu")
ABI3 = "a-1.0-cp39-abi3-manylinux_2_17_x86_64.whl"


def make(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def test_the_active_environment_comes_before_the_nearest_one_of_the_checkout(tmp_path: Path) -> None:
    own, active = make(tmp_path / "repo/.venv"), make(tmp_path / "active")
    inner = tmp_path / "repo/a/b"
    inner.mkdir(parents=True)
    path = {"PATH": os.environ["PATH"]}
    found = find_environment(path, inner, tmp_path / "repo")
    assert (found.root, found.shown, found.version) == (own, ".venv", sys.version_info[:3])
    assert found.packages.is_relative_to(own)
    again = find_environment({**path, "VIRTUAL_ENV": str(active)}, inner, tmp_path / "repo")
    assert (again.root, again.shown) == (active, str(active))


def test_no_environment_is_an_error_that_says_how_to_get_one(tmp_path: Path) -> None:
    make(tmp_path / ".venv")  # outside of the checkout
    with pytest.raises(MachineError) as raised:
        find_environment({}, tmp_path / "repo", tmp_path / "repo")
    assert str(raised.value) == (
        f"no Python environment is active, and there is no .venv in {tmp_path / 'repo'}\n\n"
        "hint: make one: python3 -m venv .venv"
    )


def test_an_environment_that_was_removed_or_does_not_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as raised:
        find_environment({"VIRTUAL_ENV": "/gone"}, tmp_path, tmp_path)
    assert str(raised.value) == (
        "VIRTUAL_ENV is /gone, where there is no Python environment\n\n"
        "hint: activate another one, or unset VIRTUAL_ENV to use .venv"
    )
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/pyvenv.cfg").touch()
    with pytest.raises(MachineError) as raised:
        find_environment({}, tmp_path, tmp_path)
    assert str(raised.value) == (
        "the Python of .venv does not run\n\nhint: make one: python3 -m venv .venv --clear"
    )


def test_an_environment_of_conda_is_active_too_unless_it_is_the_base(tmp_path: Path) -> None:
    prefix, active = conda_like(tmp_path / "conda"), make(tmp_path / "active")
    own = make(tmp_path / "repo/.venv")
    conda = {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": "work"}

    def found(environ: dict[str, str]) -> Path:
        return find_environment(environ, tmp_path / "repo", tmp_path / "repo").root

    here = find_environment(conda, tmp_path, tmp_path)
    assert (here.shown, here.version) == (str(prefix), sys.version_info[:3])
    assert here.packages.is_relative_to(prefix)
    assert found(conda) == prefix
    assert found({**conda, "VIRTUAL_ENV": str(active)}) == active
    assert found({**conda, "CONDA_DEFAULT_ENV": "base"}) == own
    with pytest.raises(MachineError) as raised:
        find_environment({**conda, "CONDA_DEFAULT_ENV": "base"}, tmp_path / "conda", tmp_path / "conda")
    assert raised.value.hint == (
        "conda's base is not used: activate another environment, or make one: python3 -m venv .venv"
    )
    with pytest.raises(MachineError) as raised:
        find_environment({"CONDA_PREFIX": str(own)}, tmp_path, tmp_path)
    assert str(raised.value) == (
        f"CONDA_PREFIX is {own}, where there is no Python environment\n\n"
        "hint: activate another one, or unset CONDA_PREFIX to use .venv"
    )


def environment(packages: Path = Path("/site")) -> Environment:
    return Environment(
        root=Path("/e"),
        shown=".venv",
        python=Path("/e/bin/python"),
        version=(3, 12, 1),
        implementation="cpython",
        free_threaded=False,
        packages=packages,
    )


@pytest.mark.parametrize(
    ("changed", "about", "takes"),
    [
        (environment(), "CPython 3.12.1", True),
        (replace(environment(), version=(3, 8, 20)), "CPython 3.8.20", False),
        (replace(environment(), free_threaded=True), "CPython 3.12.1 (free-threaded)", False),
        (replace(environment(), implementation="pypy"), "PyPy 3.12.1", False),
    ],
)
def test_only_a_cpython_that_is_new_enough_takes_an_abi3_wheel(
    changed: Environment, about: str, takes: bool
) -> None:
    assert (changed.about, changed.takes(ABI3, HOST)) == (about, takes)
    assert not changed.takes(ABI3.replace("x86_64", "aarch64"), HOST)


def test_what_is_installed_is_told_by_its_record_and_by_being_there(tmp_path: Path) -> None:
    lines, place = ["a.py,sha256=x,1"], environment(tmp_path)
    assert not is_installed(place, "a-1.dist-info", lines)
    (tmp_path / "a-1.dist-info").mkdir()
    (tmp_path / "a-1.dist-info/RECORD").write_text("a.py,sha256=x,1\nb.py,,\n")
    assert not is_installed(place, "a-1.dist-info", lines)
    (tmp_path / "a.py").touch()
    assert is_installed(place, "a-1.dist-info", lines)
    assert not is_installed(place, "a-1.dist-info", ["a.py,sha256=y,1"])
