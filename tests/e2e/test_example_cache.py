"""What is not built again, and what is, after changes to the example library."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import NewPolyglot, Piot, remove, run

pytestmark = pytest.mark.e2e

TARGETS = ("//packages/python:wheel", "//packages/python:sdist", "//crates/cli:cli", "//crates/cli:help")
CORE = "packages/rust/src/lib.rs"


@pytest.fixture
def built(piot: Piot, polyglot: Path) -> Path:
    """A clone that everything of TARGETS was built in."""
    piot("build", *TARGETS, cwd=polyglot)
    return polyglot


@pytest.fixture
def copied_store(store: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the session's store at another path."""
    copy = tmp_path / "of another machine"
    subprocess.run(["cp", "-a", "--reflink=auto", store, copy], check=True)
    yield copy
    remove(copy)


def test_a_second_build_runs_nothing_nor_does_one_after_a_touch(piot: Piot, built: Path) -> None:
    again = piot("build", *TARGETS, "--json", cwd=built)
    for path in built.rglob("*"):
        if path.is_file() and not {".git", ".piot", "dist"} & set(path.relative_to(built).parts):
            os.utime(path)
    touched = piot("build", *TARGETS, "--json", cwd=built)
    assert (again.ran, touched.ran) == ([], [])
    assert {each["status"] for each in again.targets.values()} == {"cached"}
    assert touched.targets == again.targets


def test_what_only_a_comment_changes_stops_at_the_unchanged_program(piot: Piot, built: Path) -> None:
    before = files_of(built)
    edit(built / CORE, "the phrases that a text is about", "the phrases that any text is about")
    done = piot("build", "-v", "//crates/cli:help", "//crates/cli:cli", cwd=built)
    assert done.ran == ["//crates/cli:cli cargo build"]
    assert "✓ //crates/cli:help command sh  (cached)" in done.stderr
    assert files_of(built) == before


def test_after_one_changed_line_another_machine_compiles_the_members_only(
    piot: Piot, built: Path, copied_store: Path, tmp_path: Path, new_polyglot: NewPolyglot
) -> None:
    clone = new_polyglot(tmp_path / "elsewhere/clone")
    edit(clone / CORE, "let lower = text.to_lowercase();", "let lower = text.trim().to_lowercase();")
    elsewhere = {"PIOT_CACHE_DIR": str(copied_store)}
    done = piot("build", "//packages/python:wheel", cwd=clone, env=elsewhere)
    assert done.ran == ["//packages/python:wheel maturin build"]
    assert "note: fetching" not in done.stderr
    assert files_of(clone) != files_of(built)


def test_what_was_deleted_is_restored_bit_for_bit(
    piot: Piot, built: Path, new_polyglot: NewPolyglot, tmp_path: Path
) -> None:
    before = files_of(built)
    assert len(before) == 4
    shutil.rmtree(built / "dist")
    restored = piot("build", *TARGETS, cwd=built)
    assert (restored.ran, files_of(built)) == ([], before)
    shutil.rmtree(built)
    for folder in (built, tmp_path / "another/folder"):
        again = piot("build", *TARGETS, cwd=new_polyglot(folder))
        assert (again.ran, files_of(folder)) == ([], before)


def test_a_planned_version_is_built_without_touching_the_checkout(
    piot: Piot, built: Path, environment: Mapping[str, str]
) -> None:
    wanted = ("--set-version", "rakelet-py=0.2.0-rc.1")
    done = piot("build", "//packages/python:wheel", *wanted, "--target", "host", cwd=built)
    assert done.ran == ["//packages/python:wheel maturin build"]
    (path,) = done.stdout.splitlines()
    with zipfile.ZipFile(built / path) as wheel:
        metadata = wheel.read("rakelet-0.2.0rc1.dist-info/METADATA").decode()
        module = wheel.read("rakelet/_core.abi3.so")
    assert Path(path).name.startswith("rakelet-0.2.0rc1-cp39-abi3-")
    assert "\nVersion: 0.2.0rc1\n" in metadata
    assert b"0.2.0-rc.1" in module
    assert run("git", "status", "--porcelain", cwd=built, env=environment).stdout == ""


def edit(path: Path, old: str, new: str) -> None:
    """Replaces a text that is there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def files_of(clone: Path) -> dict[str, bytes]:
    """The results in ``dist``, without piot's own notes about them."""
    found = (clone / "dist").rglob("*")
    return {
        str(path.relative_to(clone)): path.read_bytes()
        for path in found
        if path.name[0] != "." and path.is_file()
    }
