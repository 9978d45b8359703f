"""Interpreters of this machine: the first that fits is taken, and no other is looked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from piot.app.machine.tooling import Tooling
from piot.app.session.session import Session
from piot.app.session.where import Where
from piot.model.toolchain import Interpreter, Lack
from tests.support.checkout import Checkout, MakeCheckout

VERSION = ".".join(map(str, sys.version_info[:3]))
MINOR = ".".join(map(str, sys.version_info[:2]))
REAL = str(Path(sys.executable).resolve())


@pytest.fixture
def checkout(make_checkout: MakeCheckout) -> Checkout:
    return make_checkout()


def tooling(checkout: Checkout, environ: Mapping[str, str]) -> Tooling:
    return Tooling(Session(Where(directory=checkout.root, environ=environ), lambda _: None))


def with_python(checkout: Checkout, program: Path | str) -> dict[str, str]:
    """A PATH on which ``python3`` is this program."""
    folder = checkout.root.parent / "pythons"
    folder.mkdir()
    (folder / "python3").symlink_to(program)
    return {**checkout.environ, "PATH": f"{folder}:{checkout.environ['PATH']}"}


def chosen(tooling: Tooling, *requires: str) -> Interpreter:
    found = tooling.interpreters(requires)
    assert isinstance(found, Interpreter)
    return found


def test_python3_on_path_is_preferred_and_identified(checkout: Checkout) -> None:
    found = chosen(tooling(checkout, with_python(checkout, REAL)), ">=3.8")
    assert (found.version, found.minor) == (VERSION, sys.version_info[:2])
    assert (found.tool.name, found.tool.program(found.tool.name)) == (f"python{MINOR}", REAL)
    assert found.tool.version.startswith(f"Python {VERSION}")
    assert len(found.tool.digest) == 64


def test_an_environment_means_the_python_that_it_was_made_with(checkout: Checkout) -> None:
    venv = checkout.root / ".venv"
    subprocess.run([REAL, "-m", "venv", "--without-pip", "--copies", venv], check=True)
    copied = chosen(tooling(checkout, with_python(checkout, venv / "bin/python3")))
    assert copied.tool.program(copied.tool.name) == REAL


def test_what_each_python_lacks_is_told(checkout: Checkout) -> None:
    lacks = tooling(checkout, with_python(checkout, REAL)).interpreters((">=3.8", ">=3.99"))
    assert isinstance(lacks, tuple)
    assert lacks[0] == Lack(candidate=f"python {VERSION} ({REAL})", reason="the build needs >=3.8,>=3.99")


def test_only_as_many_are_asked_as_it_takes(checkout: Checkout) -> None:
    """A python3.16 that leaves a trace when it is started, behind one that fits."""
    environ = with_python(checkout, REAL)
    trap = checkout.root.parent / "pythons/python3.16"
    trap.write_text(f"#!/bin/sh\n: > {checkout.root}/asked\nexit 1\n")
    trap.chmod(0o755)
    asked = tooling(checkout, environ)
    chosen(asked)
    assert not (checkout.root / "asked").exists()
    asked.interpreters((">=3.99",))
    assert (checkout.root / "asked").exists()


def test_a_change_of_the_standard_library_is_another_tool(checkout: Checkout, tmp_path: Path) -> None:
    base = Path(sys.base_prefix)
    home = tmp_path / "python"
    library = home / f"lib/python{MINOR}"
    (library / "json").mkdir(parents=True)
    for place in ("", "json"):
        for entry in (base / f"lib/python{MINOR}" / place).iterdir():
            if entry.name not in ("json", "site-packages"):
                (library / place / entry.name).symlink_to(entry)
    for shared in base.glob(f"lib/libpython{MINOR}*"):
        (home / "lib" / shared.name).symlink_to(shared)
    (home / "bin").mkdir()
    (home / "bin/python3").write_bytes(Path(REAL).read_bytes())
    (home / "bin/python3").chmod(0o755)
    environ = with_python(checkout, home / "bin/python3")
    environ["LD_LIBRARY_PATH"] = str(home / "lib")
    before = chosen(tooling(checkout, environ)).tool
    for name in ("json/decoder.py", "abc.py"):
        (library / name).unlink()
        (library / name).write_bytes((base / f"lib/python{MINOR}" / name).read_bytes() + b"# changed\n")
        after = chosen(tooling(checkout, environ)).tool
        assert (after.version, after.program(after.name)) == (before.version, str(home / "bin/python3"))
        assert after.digest != before.digest
        before = after
