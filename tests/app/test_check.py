"""``piot check`` in real repositories: tags, sizes, a job of GitHub, and files that are no text."""

from __future__ import annotations

import os
import random
import re
import shutil
from pathlib import Path

import pytest

from piot.app.check import check
from piot.app.init import init
from piot.app.session.where import Where
from piot.cli.findings import findings_text
from piot.errors import InputError
from tests.inspect.test_check import HEALTHY, PROJECTS, copy_of, edit, found_in
from tests.support.repository import do


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    """A copy of the healthy project, committed."""
    root = copy_of(PROJECTS / "checked", tmp_path)
    do(root, "init", "--quiet")
    do(root, "add", "--all")
    do(root, "commit", "--quiet", "-m", "all")
    return root


def in_git(root: Path) -> str:
    """With a git on PATH."""
    return found_in(root, PATH=os.environ["PATH"], PIOT_CONFIG=str(root / "none.toml"))


def test_manifests_that_fell_behind_the_last_tag_are_noted(checked: Path) -> None:
    for tag in (
        "shout-v0.3.0",
        "shout-v0.10.0",
        "shout-v0.9.0",
        "shout-v1.0.0-rc.1",
        "shout-web-v0.3.0",
        "v9",
    ):
        do(checked, "tag", tag)
    assert in_git(checked) == (
        "Cargo.toml:6:11: note: PIOT_VERSION_BEHIND: 1.0.0-rc.1 is released, but who installs from git gets "
        "0.3.0\n"
        '    hint: run `piot bump` and commit, or write "0.0.0", which nobody takes for a release\n'
    )


def test_files_that_git_ignores_do_not_count(checked: Path) -> None:
    edit(checked, "@ .gitignore\n+ *.gen\n@ packages/web/lib/x.gen\n+ x\n")
    edit(
        checked,
        '@ putitoutthere.toml\n- paths = ["packages/web/**"]\n+ paths = ["packages/web/**", "**/*.gen"]',
    )
    assert in_git(checked).startswith(
        'putitoutthere.toml:53:29: warning: PIOT_GLOB_UNMATCHED: package "shout-web": "**/*.gen" matches'
    )


def test_a_crate_is_measured_packed_and_without_what_it_leaves_out(tmp_path: Path) -> None:
    root = copy_of(PROJECTS / "checked", tmp_path)
    noise = random.Random(1).randbytes(11 * 1024 * 1024)
    (root / "crates/core/data.bin").write_bytes(bytes(20 * 1024 * 1024))
    assert found_in(root) == ""
    (root / "crates/core/noise.bin").write_bytes(noise)
    assert found_in(root) == (
        "crates/core/Cargo.toml:1:1: error: PIOT_CRATES_PACKAGE_TOO_LARGE: its .crate has some 11.0 MiB, and "
        "crates.io takes 10 MiB\n"
        '    hint: leave files out with exclude = ["…"], or name those that belong to it with include\n'
    )
    edit(root, '@ crates/core/Cargo.toml\n- name = "shout"\n+ name = "shout"\n+ exclude = ["*.bin"]')
    assert found_in(root) == ""
    edit(root, '@ crates/core/Cargo.toml\n- exclude = ["*.bin"]\n+ include = ["src", "/noise.bin"]')
    assert "11.0 MiB" in found_in(root)


def test_in_a_job_of_github_addresses_are_held_against_its_repository(tmp_path: Path) -> None:
    root = copy_of(PROJECTS / "checked", tmp_path)
    job = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "Example/Shout"}
    assert found_in(root, **job) == ""
    found = found_in(root, **{**job, "GITHUB_REPOSITORY": "fork/shout"})
    assert (
        found.count(
            "PIOT_REPO_URL_MISMATCH: the repository is example/shout here, but this job runs for fork"
        )
        == 4
    )


def test_a_file_that_is_no_text_is_said_and_hides_nothing(tmp_path: Path) -> None:
    root = copy_of(PROJECTS / "checked", tmp_path)
    (root / "packages/tool/pyproject.toml").write_bytes(b"\xff")
    edit(root, '@ packages/web/package.json\n-   "repository": "github:example/shout",')
    assert found_in(root).splitlines()[::2] == [
        "packages/tool/pyproject.toml: error: PIOT_UNREADABLE: it is not UTF-8 text",
        'packages/web/package.json:1:1: error: PIOT_NPM_MISSING_REPOSITORY: there is no "repository", and '
        "npm takes no package with provenance without",
    ]


def test_without_a_configuration_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        check(Where(directory=tmp_path, environ={}))
    assert wrong.value.message.startswith(f"no putitoutthere.toml in {tmp_path}")


def test_nothing_of_the_checkout_is_changed_but_what_piot_keeps(tmp_path: Path) -> None:
    root = copy_of(PROJECTS / "checked", tmp_path)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert findings_text(check(Where(directory=root, environ={}))) == ""
    after = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert {path for path in after if path not in before and ".piot" not in path.parts} == set()
    assert {path: text for path, text in after.items() if path in before} == before


def test_trailers_that_count_for_nothing_are_errors(checked: Path) -> None:
    do(checked, "commit", "--allow-empty", "-m", "x\n\nrelease: huge\nrelease: minor [shout-nod, shout]")
    lines = in_git(checked).splitlines()
    assert [re.sub("[0-9a-f]{8}", "COMMIT", line) for line in lines] == [
        'error: PIOT_TRAILER: commit COMMIT, line 3 of its message: "release: huge" counts for nothing: '
        '"huge" is neither patch, minor, major, skip nor a version',
        "    hint: write patch, minor, major, skip or a version like 1.3.0, then perhaps [names]; a new "
        "commit can say it, or --bump",
        "error: PIOT_TRAILER_NAME: commit COMMIT, line 4 of its message: "
        '"release: minor [shout-nod, shout]" names "shout-nod", which is no package',
        '    hint: did you mean "shout-node"?; a new commit can say it right',
    ]


def test_changes_without_another_version_are_errors_where_manifests_hold_it(checked: Path) -> None:
    edit(checked, '@ putitoutthere.toml\n- name = "shout"\n+ name = "shout"\n+ version_from = "manifest"\n')
    do(checked, "tag", "shout-v0.3.0")
    edit(checked, "@ crates/core/src/lib.rs\n+ // more\n")
    do(checked, "commit", "--quiet", "--all", "-m", "more")
    assert in_git(checked) == (
        "error: PIOT_VERSION_UNCHANGED: shout changed since 0.3.0, which its manifest still says: it is not "
        "released\n"
        "    hint: piot bump writes the next version into the manifest\n"
    )


def test_in_the_shallow_clone_of_a_pull_request_that_is_only_noted(checked: Path, tmp_path: Path) -> None:
    do(checked, "commit", "--allow-empty", "-m", "x\n\nrelease: huge")
    do(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{checked}", "clone")
    assert in_git(tmp_path / "clone").startswith("note: PIOT_SHALLOW: this clone is shallow: ")


def test_without_a_commit_there_is_no_past_to_look_at(tmp_path: Path) -> None:
    root = copy_of(PROJECTS / "checked", tmp_path)
    do(root, "init", "--quiet")
    assert in_git(root) == ""


@pytest.mark.parametrize("project", HEALTHY, ids=lambda path: path.name)
def test_what_piot_init_writes_is_healthy(project: Path, tmp_path: Path) -> None:
    root = copy_of(project, tmp_path)
    (root / "putitoutthere.toml").unlink(missing_ok=True)
    shutil.rmtree(root / ".github", ignore_errors=True)
    do(root, "init", "--quiet")
    do(root, "add", "--all")
    do(root, "commit", "--quiet", "-m", "all")
    environ = {"PIOT_CONFIG": str(root / "none.toml"), "PATH": os.environ["PATH"]}
    init(Where(directory=root, environ=environ)).write(lambda _: True)
    assert found_in(root, **environ) == ""


def test_a_lock_file_that_git_does_not_keep_is_warned_of(checked: Path) -> None:
    do(checked, "rm", "--quiet", "--cached", "Cargo.lock")
    edit(checked, "@ .gitignore\n+ Cargo.lock\n")
    assert in_git(checked) == (
        "Cargo.lock: warning: PIOT_CARGO_LOCK: it is not in git: another clone, as that of CI, has none to "
        "build from\n"
        "    hint: take it out of .gitignore, and commit it\n"
    )
