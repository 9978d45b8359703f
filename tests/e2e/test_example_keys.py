"""What makes another key, and what does not: seen on the example library without building it again."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import pytest

from tests.e2e.conftest import NewPolyglot, Piot, Result, run

pytestmark = pytest.mark.e2e

WHEEL, SDIST, CLI, CRATE = (
    "//packages/python:wheel",
    "//packages/python:sdist",
    "//crates/cli:cli",
    "//crates/stopwords:crate",
)
LABELS = (WHEEL, SDIST, CLI, CRATE)
Change: TypeAlias = Callable[[Path, Mapping[str, str]], Mapping[str, str]]
"""Changes a clone, and gives the variables to run piot with."""


@pytest.fixture(scope="module")
def base(piot: Piot, new_polyglot: NewPolyglot) -> Mapping[str, str | None]:
    """The keys of everything that is built in a clone where nothing is changed."""
    return keys(piot("build", *LABELS, "--json", cwd=new_polyglot()))


@pytest.mark.parametrize(
    ("variables", "flags"),
    [
        ({"HOME": "home"}, ()),
        ({"USER": "somebody", "LOGNAME": "somebody", "HOSTNAME": "elsewhere"}, ()),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"}, ()),
        ({"RUSTFLAGS": "-Cdebuginfo=2", "CARGO_ENCODED_RUSTFLAGS": "-Copt-level=0"}, ()),
        ({"CARGO_BUILD_JOBS": "1", "CARGO_PROFILE_RELEASE_LTO": "fat", "CARGO_INCREMENTAL": "1"}, ()),
        ({"CARGO_HOME": "cargo", "CARGO_TARGET_DIR": "target"}, ()),
        ({"CFLAGS": "-O0", "MATURIN_PEP517_ARGS": "--profile dev", "SOURCE_DATE_EPOCH": "1"}, ()),
        ({}, ("-j", "1")),
        ({}, ("--color", "always", "-v")),
    ],
    ids=["home", "user", "language", "rustflags", "cargo", "cargo home", "others", "jobs", "display"],
)
def test_keys_do_not_depend_on(
    piot: Piot,
    polyglot: Path,
    base: Mapping[str, str | None],
    variables: Mapping[str, str],
    flags: tuple[str, ...],
) -> None:
    folders = {"home", "cargo", "target"}
    env = {
        name: str(polyglot.parent / value) if value in folders else value for name, value in variables.items()
    }
    done = piot("build", *LABELS, "--json", *flags, cwd=polyglot, env=env)
    assert (keys(done), done.ran) == (base, [])


def another_rustc(clone: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """A compiler that calls itself a newer one, first on PATH."""
    sysroot = run("rustc", "--print", "sysroot", cwd=clone, env=environment).stdout.strip()
    folder = clone.parent / "bin"
    folder.mkdir()
    said = "sed -e 's/^rustc [0-9.]*/rustc 1.999.0/' -e 's/^release: .*/release: 1.999.0/'"
    program(folder / "rustc", f'"{sysroot}/bin/rustc" "$@" | {said}')
    program(folder / "cargo", f'exec "{sysroot}/bin/cargo" "$@"')
    return {"PATH": f"{folder}:{environment['PATH']}"}


def pinned_rustc(clone: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    version = run("rustc", "--version", cwd=clone, env=environment).stdout.split()[1]
    (clone / "rust-toolchain.toml").write_text(f'[toolchain]\nchannel = "{version}"\n')
    return {}


def cargo_settings(clone: Path, _: Mapping[str, str]) -> Mapping[str, str]:
    (clone / ".cargo").mkdir()
    (clone / ".cargo/config.toml").write_text('[build]\nrustflags = ["-Cdebug-assertions=yes"]\n')
    return {}


def another_zig(clone: Path, _: Mapping[str, str]) -> Mapping[str, str]:
    pin(clone, "ziglang", "0.999.0")
    return {}


def another_maturin(clone: Path, _: Mapping[str, str]) -> Mapping[str, str]:
    pin(clone, "maturin", "0.999.0")
    return {}


@pytest.mark.parametrize(
    ("change", "changed", "reason"),
    [
        (another_rustc, set(LABELS), "-> 1.999.0"),
        (pinned_rustc, set(LABELS), "input added: rust-toolchain.toml"),
        (cargo_settings, set(LABELS), "input added: .cargo/config.toml"),
        (another_zig, {WHEEL, CLI, CRATE}, "1 of its pinned files are not fetched yet"),
        (another_maturin, {WHEEL, SDIST}, "1 of its pinned files are not fetched yet"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_keys_depend_on(
    piot: Piot,
    polyglot: Path,
    environment: Mapping[str, str],
    base: Mapping[str, str | None],
    change: Change,
    changed: set[str],
    reason: str,
) -> None:
    piot("build", *LABELS, cwd=polyglot)
    env = change(polyglot, environment)
    asked = piot("build", *LABELS, "--dry-run", "--json", cwd=polyglot, env=env)
    assert {label for label, key in keys(asked).items() if key != base[label]} == changed
    assert {each["label"] for each in asked.targets.values() if each["status"] == "built"} == changed
    for label in changed:
        assert reason in piot("explain", label, cwd=polyglot, env=env).stdout
    assert asked.ran == []


def test_another_maturin_of_the_lock_file_is_fetched_and_used(piot: Piot, polyglot: Path) -> None:
    readme = f"# rakelet {uuid4()}\n"  # built by no other run of this test on the same store
    (polyglot / "packages/python/README.md").write_text(readme)
    piot("build", SDIST, cwd=polyglot)
    locked = piot("lock", "maturin==1.9.4", cwd=polyglot)
    assert "maturin 1." in locked.stdout
    assert locked.stdout.endswith(" -> 1.9.4\n")
    done = piot("build", SDIST, cwd=polyglot)
    assert done.ran == ["//packages/python:sdist maturin sdist"]
    assert re.search(
        r"maturin sdist  .*s  maturin: 1\.[0-9.]+ \(\w{12}\) -> 1\.9\.4 \(\w{12}\)\n", done.stderr
    )


def keys(done: Result) -> dict[str, str | None]:
    """The key of every target by its label."""
    return {each["label"]: each["key"] for each in done.targets.values()}


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def pin(clone: Path, tool: str, version: str) -> None:
    """A ``piot.lock`` that names a version of a tool that does not exist."""
    name = f"{tool}-{version}-py3-none-any.whl"
    text = f"""version = 1

[[tool]]
name = "{tool}"
ecosystem = "pypi"
version = "{version}"
files = [{{ filename = "{name}", sha256 = "{"0" * 64}" }}]
"""
    (clone / "piot.lock").write_text(text)
