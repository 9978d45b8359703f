"""Wheels that carry a program: built, installed by pip, started; and what is refused before that."""

from __future__ import annotations

import platform
import shutil
import stat
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Piot, commit_all, run

pytestmark = pytest.mark.e2e

MACHINE = platform.machine()
HOST = f"{MACHINE}-unknown-linux-gnu"
WHEEL = f"dist/greeter_demo-0.2.0-cp39-abi3-manylinux2014_{MACHINE}.manylinux_2_17_{MACHINE}.whl"


@pytest.fixture
def project(tmp_path: Path, environment: Mapping[str, str]) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(ROOT / "tests/projects/bundled_wheel", folder)
    commit_all(folder, environment)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_wheel_puts_its_program_on_path(
    piot: Piot, project: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    done = piot("build", "//python:wheel", "//python:cli", "--set-version", "greeter=1.5.0", cwd=project)
    wheel = WHEEL.replace("0.2.0", "1.5.0")
    assert sorted(done.stdout.split()) == sorted((f"dist/{HOST}/greet", wheel))
    with zipfile.ZipFile(project / wheel) as archive:
        inside = archive.getinfo("greeter/_bin/greet")
        assert inside.external_attr >> 16 & stat.S_IXUSR
        assert archive.read(inside) == (project / f"dist/{HOST}/greet").read_bytes()
    assert not (project / "python/py/greeter/_bin").exists()
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", venv, cwd=tmp_path, env=environment)
    run(venv / "bin/pip", "install", "-q", "--no-index", project / wheel, cwd=tmp_path, env=environment)
    assert run(venv / "bin/greet", "World", cwd=tmp_path, env=environment).stdout == "Hello, World!\n"
    assert run(venv / "bin/greet", cwd=tmp_path, env=environment, ok=False).code == 3
    said = run(
        venv / "bin/python", "-c", "import greeter; print(greeter.greeting('x'))", cwd=tmp_path, env={}
    )
    assert said.stdout == "Hello, x.\n"


REFUSED = {
    "no such binary": (
        *("putitoutthere.toml", 'bin = "greet"', 'bin = "grete"'),
        '//python:cli asks for the binary "grete", which cli/Cargo.toml does not declare',
        "its binaries are greet",
    ),
    "no such feature": (
        *("putitoutthere.toml", '["loud"]', '["load"]'),
        '//python:cli asks for the feature "load", which cli/Cargo.toml does not have',
        'did you mean "loud"?',
    ),
    "out of the wheel": (
        *("putitoutthere.toml", "py/greeter/_bin", "bin"),
        "//python:wheel ships bin/greet, which python/pyproject.toml keeps out of the wheel",
        'add include = ["bin/*"] to [tool.maturin]',
    ),
    "no command": (
        *("python/pyproject.toml", '[project.scripts]\ngreet = "greeter._launch:main"\n', ""),
        "//python:wheel ships py/greeter/_bin/greet, but python/pyproject.toml has no command that starts it",
        "add an entry point to [project.scripts] (how-to/ship-a-program.md)",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_become_a_wheel_with_a_program_is_refused_before_anything_is_built(
    piot: Piot, project: Path, name: str
) -> None:
    path, old, new, message, hint = REFUSED[name]
    edit(project / path, old, new)
    done = piot("build", "//python:wheel", cwd=project, ok=False)
    assert (done.code, done.stdout, done.ran) == (3, "", [])
    assert done.stderr == (
        f"putitoutthere.toml:4:1: PIOT_RULE: {message}\n    hint: {hint}\n\nerror: 1 problem found\n"
    )


def test_an_include_that_takes_the_program_elsewhere_is_enough(piot: Piot, project: Path) -> None:
    edit(project / "putitoutthere.toml", "py/greeter/_bin", "bin")
    edit(project / "python/pyproject.toml", "[tool.maturin]\n", '[tool.maturin]\ninclude = ["bin/*"]\n')
    piot("build", "//python:wheel", cwd=project)
    with zipfile.ZipFile(project / WHEEL) as archive:
        assert "bin/greet" in archive.namelist()
