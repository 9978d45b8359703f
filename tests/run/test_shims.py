"""What runs behind a shim."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.run.shims import behind

pytestmark = pytest.mark.skipif(os.name == "nt", reason="writes links and modes")


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def link(path: Path, target: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with rustup's proxies and two toolchains, of which stable is the default."""
    program(tmp_path / ".cargo/bin/rustup", "the one binary")
    link(tmp_path / ".cargo/bin/rustc", "rustup")
    for name in ("stable-x86_64-unknown-linux-gnu", "nightly-x86_64-unknown-linux-gnu"):
        program(tmp_path / ".rustup/toolchains" / name / "bin/rustc")
    (tmp_path / ".rustup/settings.toml").write_text(
        'version = "12"\ndefault_toolchain = "stable-x86_64-unknown-linux-gnu"\n\n[overrides]\n'
    )
    return tmp_path


def rustc(home: Path, toolchain: str) -> Path:
    return home / ".rustup/toolchains" / f"{toolchain}-x86_64-unknown-linux-gnu" / "bin/rustc"


def test_a_proxy_of_rustup_is_the_program_of_the_default_toolchain(home: Path) -> None:
    assert behind(home / ".cargo/bin/rustc", {"HOME": str(home)}) == rustc(home, "stable")


@pytest.mark.parametrize("how", ["hard link", "copy"])
def test_a_proxy_that_is_no_symbolic_link_is_known_by_rustup_beside_it(home: Path, how: str) -> None:
    proxy, rustup = home / ".cargo/bin/rustc", home / ".cargo/bin/rustup"
    proxy.unlink()
    if how == "hard link":
        proxy.hardlink_to(rustup)
    else:
        program(proxy, rustup.read_text())
    assert behind(proxy, {"HOME": str(home)}) == rustc(home, "stable")


@pytest.mark.parametrize("chosen", ["nightly", "nightly-x86_64-unknown-linux-gnu", "{toolchains}/linked"])
def test_the_variable_of_rustup_chooses_another_toolchain(home: Path, chosen: str) -> None:
    toolchains = home / ".rustup/toolchains"
    link(toolchains / "linked", "nightly-x86_64-unknown-linux-gnu")
    environ = {"HOME": str(home), "RUSTUP_TOOLCHAIN": chosen.format(toolchains=toolchains)}
    assert behind(home / ".cargo/bin/rustc", environ) == rustc(home, "nightly")


def test_another_home_of_rustup_is_honoured(home: Path, tmp_path: Path) -> None:
    (home / ".rustup").rename(tmp_path / "elsewhere")
    environ = {"HOME": str(home), "RUSTUP_HOME": str(tmp_path / "elsewhere")}
    found = behind(home / ".cargo/bin/rustc", environ)
    assert found == tmp_path / "elsewhere/toolchains/stable-x86_64-unknown-linux-gnu/bin/rustc"


@pytest.mark.parametrize("missing", ["settings", "toolchain"])
def test_a_proxy_of_rustup_without_a_toolchain_is_nothing(home: Path, missing: str) -> None:
    if missing == "settings":
        (home / ".rustup/settings.toml").unlink()
    else:
        rustc(home, "stable").unlink()
    assert behind(home / ".cargo/bin/rustc", {"HOME": str(home)}) is None


SHIM = """#!/usr/bin/env bash
set -e
program="${{0##*/}}"
export PYENV_ROOT="{root}"
exec "{root}/libexec/pyenv" exec "$program" "$@"
"""


@pytest.mark.parametrize(
    ("environ", "version", "found"),
    [
        ({}, "3.12.1\n3.11.7\n", "3.12.1"),
        ({"PYENV_VERSION": "3.11.7"}, "3.12.1\n", "3.11.7"),
        ({"PYENV_VERSION": "3.11.7:3.12.1"}, "", "3.11.7"),
        ({}, "system\n", None),
        ({}, "3.99\n", None),
        ({}, None, None),
    ],
)
def test_a_shim_of_pyenv_is_the_program_of_the_selected_version(
    tmp_path: Path, environ: dict[str, str], version: str | None, found: str | None
) -> None:
    root = tmp_path / ".pyenv"
    shim = program(root / "shims/python3", SHIM.format(root=root))
    for name in ("3.11.7", "3.12.1"):
        program(root / "versions" / name / "bin/python3")
    if version is not None:
        (root / "version").write_text(version)
    assert behind(shim, environ) == (root / "versions" / found / "bin/python3" if found else None)


def test_other_shims_and_dispatchers_are_nothing(tmp_path: Path) -> None:
    ccache = program(tmp_path / "bin/ccache")
    assert behind(link(tmp_path / "ccache/gcc", str(ccache)), {}) is None
    assert behind(program(tmp_path / "shims/ruby"), {}) is None


def test_any_other_program_is_its_real_path(tmp_path: Path) -> None:
    real = program(tmp_path / "bin/gcc-12")
    assert behind(link(tmp_path / "cc", "bin/gcc-12"), {}) == real
