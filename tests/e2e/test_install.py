"""Installing the checkout with pip, and in the way of pipx, gives both commands."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot import __version__
from tests.e2e.conftest import ROOT, NewPolyglot, run

pytestmark = pytest.mark.e2e
COMMANDS = ("piot", "putitoutthere")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """The ``bin`` folder of an environment that this checkout was installed into, build tools and all."""
    venv = tmp_path_factory.mktemp("install") / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=venv.parent, env=environment)
    run(venv / "bin/pip", "install", "--quiet", ROOT, cwd=venv.parent, env=environment)
    return venv / "bin"


@pytest.fixture(scope="module")
def polyglot(new_polyglot: NewPolyglot) -> Path:
    """A clone of the example that nothing here changes."""
    return new_polyglot()


@pytest.mark.parametrize("command", COMMANDS)
def test_pip_installs_the_command(
    command: str, programs: Path, polyglot: Path, environment: Mapping[str, str]
) -> None:
    assert (
        run(programs / command, "--version", cwd=polyglot, env=environment).stdout == f"piot {__version__}\n"
    )
    rules = run(programs / command, "rules", cwd=polyglot, env=environment)
    assert "maturin_wheel" in rules.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_link_to_the_command_from_another_folder_works(
    command: str, programs: Path, polyglot: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    """pipx keeps an environment per program and links its commands into ``~/.local/bin``."""
    (tmp_path / command).symlink_to(programs / command)
    env = {**environment, "PATH": f"{tmp_path}:{environment['PATH']}"}
    linked = run("/bin/sh", "-c", f"exec {command} rules", cwd=polyglot, env=env)
    assert linked.stdout == run(programs / "piot", "rules", cwd=polyglot, env=environment).stdout
