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
from tests.e2e.twice import again, digests

pytestmark = pytest.mark.e2e

MACHINE = platform.machine()
HOST = f"{MACHINE}-unknown-linux-gnu"
OTHER_MACHINE = "x86_64" if MACHINE == "aarch64" else "aarch64"
OTHER = f"{OTHER_MACHINE}-unknown-linux-gnu"
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


def test_the_smoke_test_installs_the_wheel_and_starts_its_program(piot: Piot, project: Path) -> None:
    done = piot("test", "//python:smoke", "-v", "--force", cwd=project)
    assert (
        f"installed {WHEEL.removeprefix('dist/')}\nimport greeter: works\n"
        "greet = greeter._launch:main: works\ngreet --version: works\n"
    ) in done.stderr


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
        "//python:wheel ships a program, but python/pyproject.toml has no command that starts it",
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


def test_the_launcher_that_init_writes_is_the_one_of_this_project(piot: Piot, project: Path) -> None:
    place = project / "python/py/greeter/_launch.py"
    text = place.read_text()
    place.unlink()
    piot("init", "--launcher", "greeter", cwd=project)
    assert place.read_text() == text


def test_an_include_that_takes_the_program_elsewhere_is_enough(piot: Piot, project: Path) -> None:
    edit(project / "putitoutthere.toml", "py/greeter/_bin", "bin")
    edit(project / "python/pyproject.toml", "[tool.maturin]\n", '[tool.maturin]\ninclude = ["bin/*"]\n')
    piot("build", "//python:wheel", cwd=project)
    with zipfile.ZipFile(project / WHEEL) as archive:
        assert "bin/greet" in archive.namelist()


def test_what_is_made_for_another_platform_is_made_alike_elsewhere(
    piot: Piot, project: Path, other_store: Path
) -> None:
    words = ("//python:wheel", "//python:cli", "--target", OTHER)
    made = digests(piot, project, *words)
    assert {*made} == {WHEEL.replace(MACHINE, OTHER_MACHINE), f"dist/{OTHER}/greet"}
    assert made == again(piot, project, other_store, *words)


def test_an_extension_that_is_not_abi3_is_a_wheel_for_every_python_and_alike_elsewhere(
    piot: Piot, project: Path, other_store: Path
) -> None:
    edit(project / "python/Cargo.toml", ', features = ["abi3-py39"]', "")
    edit(project / "putitoutthere.toml", "targets", 'python_versions = ["3.12", "3.14t"]\ntargets')
    done = piot("build", "//python:wheel", "--json", cwd=project)
    system = f"manylinux2014_{MACHINE}.manylinux_2_17_{MACHINE}"
    assert {name: each["outputs"][0]["path"] for name, each in done.targets.items()} == {
        f"//python:wheel@{HOST}@3.12": f"dist/greeter_demo-0.2.0-cp312-cp312-{system}.whl",
        f"//python:wheel@{HOST}@3.14t": f"dist/greeter_demo-0.2.0-cp314-cp314t-{system}.whl",
    }
    assert digests(piot, project, "//python:wheel") == again(piot, project, other_store, "//python:wheel")
    wrong = piot("build", "//python:wheel", "--python", "3.13", cwd=project, ok=False)
    assert (wrong.code, wrong.stderr) == (
        2,
        "error: //python:wheel is not declared for Python 3.13\n\nhint: it is declared for 3.12 and 3.14t\n",
    )


def test_a_wheel_of_a_program_alone_serves_every_python_and_is_made_alike_elsewhere(
    piot: Piot, project: Path, tmp_path: Path, environment: Mapping[str, str], other_store: Path
) -> None:
    edit(project / "python/Cargo.toml", '[lib]\nname = "_core"\ncrate-type = ["cdylib"]\n', "")
    edit(project / "python/Cargo.toml", 'pyo3 = { version = "0.29", features = ["abi3-py39"] }', "")
    (project / "python/src/lib.rs").unlink()
    (project / "python/src/main.rs").write_text('fn main() { println!("alone"); }\n')
    config = project / "putitoutthere.toml"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if not line.startswith("bundle_cli")))
    edit(project / "python/pyproject.toml", '[project.scripts]\ngreet = "greeter._launch:main"\n', "")
    edit(project / "python/pyproject.toml", 'python-source = "py"\nmodule-name = "greeter._core"\n', "")
    edit(project / "python/pyproject.toml", 'features = ["pyo3/extension-module"]', 'bindings = "bin"')
    run("cargo", "metadata", "--offline", "--format-version", "1", cwd=project, env=environment)
    made = digests(piot, project, "//python:wheel")
    (path,) = made
    assert path == f"dist/greeter_demo-0.2.0-py3-none-manylinux2014_{MACHINE}.manylinux_2_17_{MACHINE}.whl"
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path, env=environment)
    pip = (tmp_path / "venv/bin/pip", "install", "-q", "--no-index", project / path)
    run(*pip, cwd=tmp_path, env=environment)
    assert run(tmp_path / "venv/bin/greeter-py", cwd=tmp_path, env=environment).stdout == "alone\n"
    assert made == again(piot, project, other_store, "//python:wheel")


def test_a_platform_can_have_settings_of_its_own(piot: Piot, project: Path, tmp_path: Path) -> None:
    own = f'[{{ triple = "{HOST}", rustflags = ["--cfg", "shout"], features = ["late"] }}]'
    config = project / "putitoutthere.toml"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(f"targets = {own}\n" if line.startswith("targets") else line for line in lines))
    edit(project / "python/Cargo.toml", "[dependencies]", "[features]\nlate = []\n\n[dependencies]")
    edit(
        project / "python/src/lib.rs", '"Hello, {name}."', '"{}, {name}", cfg!(all(feature = "late", shout))'
    )
    (wheel,) = piot("build", "//python:wheel", cwd=project).stdout.split()
    with zipfile.ZipFile(project / wheel) as archive:
        archive.extractall(tmp_path / "wheel")
    words = "import greeter; print(greeter.greeting('x'))"
    said = run(sys.executable, "-c", words, cwd=tmp_path / "wheel", env={})
    assert said.stdout == "true, x\n"
    config.write_text(config.read_text().replace("rustflags", "rustflag"))
    wrong = piot("build", "//python:wheel", cwd=project, ok=False)
    assert wrong.stderr.startswith("putitoutthere.toml:11:")
    assert 'PIOT_UNKNOWN_KEY: package "greeter": unknown key "rustflag"' in wrong.stderr
