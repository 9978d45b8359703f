"""Git sources: the files of a commit, submodules and all, from repositories made here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from piot.errors import MachineError
from piot.model.fetch import CargoGitFetch
from piot.run.fetch.fetcher import BlobStore, Fetcher
from piot.run.fetch.git import head_file, repository
from piot.run.fetch.tars import Entry, unpacked

WHO = {
    **{
        f"GIT_{who}_{what}": "nobody@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "PATH": os.environ["PATH"],
}


def git(folder: Path, *argv: str) -> str:
    done = subprocess.run(["git", *argv], cwd=folder, env=WHO, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, files: dict[str, str]) -> str:
    """A commit with ``files`` on top of what is there; the repository is made when it is missing."""
    if not folder.exists():
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=x")
    return git(folder, "rev-parse", "HEAD")


def test_the_files_of_a_commit_are_taken_as_they_are(tmp_path: Path) -> None:
    commit(tmp_path / "r", {"a.txt": "one\r\n", ".gitattributes": "* text=auto\nb export-ignore\n", "b": "b"})
    (tmp_path / "r" / "run").write_text("x")
    git(tmp_path / "r", "add", "run")
    git(tmp_path / "r", "update-index", "--chmod=+x", "run")
    blob = git(tmp_path / "r", "hash-object", "-w", "a.txt")
    git(tmp_path / "r", "update-index", "--add", "--cacheinfo", f"120000,{blob},link")
    git(tmp_path / "r", "commit", "--quiet", "--message=x")
    wanted = git(tmp_path / "r", "rev-parse", "HEAD")
    (tmp_path / "r" / "link").write_text("x")
    commit(tmp_path / "r", {"later": ""})
    entries = repository(str(tmp_path / "r"), wanted, env=WHO)
    assert entries == {
        ".gitattributes": Entry(data=b"* text=auto\nb export-ignore\n"),
        "a.txt": Entry(data=b"one\n"),
        "b": Entry(data=b"b"),
        "run": Entry(data=b"x", executable=True),
        "link": Entry(link="one\n"),
    }


def test_submodules_are_part_of_it(tmp_path: Path) -> None:
    inner = commit(tmp_path / "inner", {"i": "inner"})
    commit(tmp_path / "r", {".gitmodules": '[submodule "sub"]\npath = deps/sub\nurl = ../inner\n'})
    git(tmp_path / "r", "update-index", "--add", "--cacheinfo", f"160000,{inner},deps/sub")
    git(tmp_path / "r", "update-index", "--add", "--cacheinfo", f"160000,{inner},unknown")
    git(tmp_path / "r", "commit", "--quiet", "--message=x")
    entries = repository(f"file://{tmp_path.as_posix()}/r", git(tmp_path / "r", "rev-parse", "HEAD"), env=WHO)
    assert sorted(entries) == [".gitmodules", "deps/sub/i"]


def test_a_commit_that_no_ref_points_to_is_found_through_its_branch(tmp_path: Path) -> None:
    first = commit(tmp_path / "r", {"a": "1"})
    commit(tmp_path / "r", {"a": "2"})
    git(tmp_path / "r", "config", "uploadpack.allowAnySHA1InWant", "false")
    old_protocol = {
        **WHO,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "protocol.version",
        "GIT_CONFIG_VALUE_0": "0",
    }
    url = f"file://{tmp_path.as_posix()}/r"
    assert repository(url, first, env=old_protocol) == {"a": Entry(data=b"1")}


def test_a_commit_that_is_gone_says_what_may_have_happened(tmp_path: Path) -> None:
    commit(tmp_path / "r", {"a": "1"})
    with pytest.raises(MachineError) as caught:
        repository(str(tmp_path / "r"), "0" * 40, env=WHO)
    assert str(caught.value) == (
        f"{tmp_path / 'r'} does not have the commit {'0' * 40}\n\n"
        "hint: was the branch rewritten? `cargo update` writes a commit that is there into Cargo.lock"
    )


def test_a_repository_that_is_not_there_shows_what_git_said(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        repository(f"file://{tmp_path.as_posix()}/gone", "0" * 40, env=WHO)
    assert caught.value.message.startswith(f"git could not fetch file://{tmp_path.as_posix()}/gone:\n")
    assert "does not appear to be a git repository" in caught.value.message


def test_a_hook_s_variables_do_not_lead_git_elsewhere(tmp_path: Path) -> None:
    wanted = commit(tmp_path / "r", {"a": "1"})
    env = {**WHO, "GIT_DIR": str(tmp_path / "r" / ".git"), "GIT_INDEX_FILE": "x"}
    assert list(repository(str(tmp_path / "r"), wanted, env=env)) == ["a"]


def test_one_file_of_the_head_can_be_read(tmp_path: Path) -> None:
    commit(tmp_path / "r", {"config.json": "{}"})
    assert head_file(str(tmp_path / "r"), "config.json", env=WHO) == b"{}"
    assert head_file(str(tmp_path / "r"), "other", env=WHO) is None


def test_a_git_crate_is_fetched_once_and_then_offline(store: BlobStore, tmp_path: Path) -> None:
    manifests = {f"crates/{name}/Cargo.toml": f'[package]\nname = "{name}"\n' for name in ("a", "b")}
    revision = commit(tmp_path / "r", {**manifests, "crates/a/src/lib.rs": "// a"})
    lines: list[str] = []

    def fetch(name: str, *, offline: bool) -> dict[str, Entry]:
        fetcher = Fetcher(store, root=tmp_path, offline=offline, report=lines.append, env=WHO)
        spec = CargoGitFetch(name=name, url=str(tmp_path / "r"), revision=revision)
        return unpacked(store.read(fetcher.fetch(spec)))

    assert sorted(fetch("a", offline=False)) == [".cargo-checksum.json", "Cargo.toml", "src/lib.rs"]
    assert sorted(fetch("b", offline=True)) == [".cargo-checksum.json", "Cargo.toml"]
    assert fetch("a", offline=True)["src/lib.rs"] == Entry(data=b"// a")
    assert lines == [f"fetching git crate a at {revision[:12]}"]
