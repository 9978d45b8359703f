"""``piot bump`` with the installed piot: from commits to a commit of a release, which real tools take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Result, commit_all, run
from tests.e2e.tiny import Tiny, tiny_at
from tests.e2e.verbs import fitting

pytestmark = pytest.mark.e2e

WHO = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "T"), ("EMAIL", "t@example.invalid"))
}
WRITTEN = """\
Cargo.lock
crates/cli/Cargo.toml
crates/greet/CHANGELOG.md
crates/greet/Cargo.toml
crates/text/CHANGELOG.md
crates/text/Cargo.toml
"""
SAID = "tiny-text 0.1.0 -> 0.2.0\ntiny-greet 0.1.0 -> 0.1.1\n"


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    """Released as 0.1.0, with versions in its manifests; since then its first crate got a feature."""
    made = tiny_at(tmp_path, installed_piot, {**environment, **WHO})
    kept = 'kind = "crates"\nversion_from = "manifest"'
    made.write("putitoutthere.toml", made.read("putitoutthere.toml").replace('kind = "crates"', kept))
    for name in ("text", "macros", "greet"):
        made.edit(f"crates/{name}/Cargo.toml", "version.workspace = true", 'version = "0.1.0"')
    commit_all(made.root, made.environment)
    for name in ("tiny-text", "tiny-macros", "tiny-greet"):
        git(made, "tag", f"{name}-v0.1.0")
    made.write("crates/text/src/lib.rs", made.read("crates/text/src/lib.rs") + "// more\n")
    git(made, "commit", "--quiet", "--all", "--message=feat: more text\n\nrelease: minor [tiny-text]")
    return made


def git(tiny: Tiny, *words: str) -> Result:
    return run("git", *words, cwd=tiny.root, env=tiny.environment)


def test_a_release_is_written_committed_and_locked(tiny: Tiny) -> None:
    result = tiny("bump", ok=True)
    assert (result.stdout, result.stderr) == (WRITTEN, SAID)
    locked = ("metadata", "--locked", "--offline", "--no-deps", "--format-version=1")
    run("cargo", *locked, cwd=tiny.root, env=tiny.environment)
    assert re.fullmatch(
        r"# Changelog\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- More text\n",
        tiny.read("crates/text/CHANGELOG.md"),
    )
    again = tiny("bump", ok=True)
    assert (again.stdout, again.stderr.splitlines()[-1]) == ("", "all of it is written already")
    git(tiny, "add", "--all")
    git(tiny, "commit", "--quiet", "--message=Release")
    assert tiny("bump", ok=True).stdout == ""
    assert fitting("bump", tiny("bump", "--json", ok=True))["files"] == []


def test_a_dry_run_prints_a_patch_that_git_applies(tiny: Tiny) -> None:
    result = tiny("bump", "--dry-run", ok=True)
    assert result.stderr == SAID
    assert git(tiny, "status", "--porcelain").stdout == ""
    (tiny.root.parent / "patch").write_text(result.stdout, encoding="utf-8")
    git(tiny, "apply", "../patch")
    assert tiny("bump", ok=True).stdout == ""


def test_packages_and_versions_can_be_chosen_by_hand(tiny: Tiny) -> None:
    found = fitting("bump", tiny("bump", "--bump", "tiny-macros@1.0.0-rc.1", "--dry-run", "--json", ok=True))
    assert found["packages"] == [
        {"name": "tiny-macros", "previous": "0.1.0", "version": "1.0.0-rc.1", "bump": "explicit"}
    ]
    assert {"path": "crates/macros/CHANGELOG.md", "new": True} in found["files"]
    assert tiny("bump", "tiny-text", "--dry-run", ok=True).stderr == SAID.splitlines(keepends=True)[0]


def test_what_is_not_committed_is_not_lost(tiny: Tiny) -> None:
    tiny.edit("crates/text/Cargo.toml", "[package]", "# mine\n[package]")
    before = tiny.read("crates/text/Cargo.toml")
    result = tiny("bump", ok=False)
    assert result.code == 3
    assert result.stderr.endswith(
        "error: crates/text/Cargo.toml would be written, but has changes that are not committed\n\n"
        "hint: commit or stash them first; `piot bump --dry-run` shows what would be written\n"
    )
    assert tiny.read("crates/text/Cargo.toml") == before
    assert git(tiny, "status", "--porcelain").stdout == " M crates/text/Cargo.toml\n"
