"""What ``piot bump`` prints: a summary, and a patch that git applies."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from piot.app.bump import Bumped, Edit
from piot.cli.bump import bumped_json, patch, summary
from piot.model.finding import Finding
from piot.model.release.plan import PlannedPackage, ReleasePlan
from tests.support.repository import do

CORE = PlannedPackage(
    name="core",
    version="1.3.0",
    previous="1.2.0",
    bump="minor",
    reasons=(),
    fingerprint="",
    tag="core-v1.3.0",
)
NEW = PlannedPackage(
    name="cli", version="0.1.0", previous=None, bump="first", reasons=(), fingerprint="", tag="cli-v0.1.0"
)
WARNING = Finding(code="PIOT_X", severity="warning", message="something is odd")
NOTE = Finding(code="PIOT_Y", severity="note", message="nothing to see")
EDIT = Edit(path="Cargo.toml", before="a\n", after="b\n")


def done(*packages: PlannedPackage, edits: tuple[Edit, ...] = (EDIT,)) -> Bumped:
    return Bumped(plan=ReleasePlan(commit="c", packages=packages, findings=(WARNING, NOTE)), edits=edits)


def test_the_summary_names_every_version_and_what_is_odd() -> None:
    assert summary(done(CORE, NEW)) == "warning: something is odd\ncore 1.2.0 -> 1.3.0\ncli new -> 0.1.0\n"
    assert summary(done(CORE, edits=())) == (
        "warning: something is odd\ncore 1.2.0 -> 1.3.0\nall of it is written already\n"
    )
    assert summary(done(edits=())) == (
        "warning: something is odd\nnothing to bump: nothing changed since the last releases\n"
    )


def test_json_has_packages_and_files() -> None:
    assert bumped_json(done(CORE, edits=(EDIT, Edit(path="new", before=None, after="x")))) == {
        "schema": 1,
        "packages": [{"name": "core", "previous": "1.2.0", "version": "1.3.0", "bump": "minor"}],
        "files": [{"path": "Cargo.toml", "new": False}, {"path": "new", "new": True}],
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "new\n"),
        (None, "new\nwithout an end"),
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nB"),
        ("a\nb", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("", "x\n"),
        ("a\x0cb\nc\u2028d\n", "a\x0cb\nC\u2028d\n"),
    ],
)
def test_git_applies_the_patch(tmp_path: Path, before: str | None, after: str) -> None:
    do(tmp_path, "init", "--quiet")
    place = tmp_path / "sub/file name"
    place.parent.mkdir()
    if before is not None:
        place.write_bytes(before.encode())
    text = patch([Edit(path="sub/file name", before=before, after=after)])
    words = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(words, cwd=tmp_path, input=text.encode(), check=True)
    assert place.read_bytes() == after.encode()
