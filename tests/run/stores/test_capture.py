"""Declared outputs: all of them, nothing else, and no way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.digest import EMPTY, Digest
from piot.model.reapi import decode_tree
from piot.model.result import ActionResult, OutputFile, OutputSymlink
from piot.run.stores.capture import OutputsWrong, capture
from piot.run.stores.local import LocalStore


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work" / "sub").mkdir(parents=True)
    return tmp_path / "work"


def test_files_folders_and_links_are_taken_and_the_rest_is_left(store: LocalStore, work: Path) -> None:
    (work / "sub" / "tool").write_bytes(b"tool")
    (work / "sub" / "tool").chmod(0o755)
    (work / "other").write_bytes(b"undeclared")
    (work / "link").symlink_to("sub/tool")
    (work / "dir" / "empty").mkdir(parents=True)
    (work / "dir" / "f").write_bytes(b"")
    result = capture(store, work, ["sub/tool", "link", "dir", "dir"])
    assert result.files == (OutputFile(path="sub/tool", digest=Digest.of(b"tool"), executable=True),)
    assert result.symlinks == (OutputSymlink(path="link", target="sub/tool"),)
    (directory,) = result.directories
    tree = decode_tree(store.read(directory.tree))
    assert tree.root == directory.root
    top = store.directory(directory.root)
    assert ([n.name for n in top.files], [n.name for n in top.directories]) == (["f"], ["empty"])
    assert top.directories[0].digest == EMPTY
    assert not store.has(Digest.of(b"undeclared"))
    store.put_result(Digest.of(b"key"), result)
    assert store.get_result(Digest.of(b"key")) == result


def test_everything_missing_is_named_at_once(store: LocalStore, work: Path) -> None:
    (work / "there").write_bytes(b"x")
    with pytest.raises(OutputsWrong) as caught:
        capture(store, work, ["b", "there", "a/c"])
    assert caught.value.exit_code == 1
    assert str(caught.value) == (
        "the action did not make what it declares: a/c and b\n\n"
        "hint: outputs are paths below the folder it runs in; --keep-sandbox shows what it made"
    )


def test_a_file_of_no_bytes_is_an_output_too(store: LocalStore, work: Path) -> None:
    (work / "stamp").write_bytes(b"")
    assert capture(store, work, ["stamp"]) == ActionResult(files=(OutputFile(path="stamp", digest=EMPTY),))


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "sub/../../secret"])
@pytest.mark.parametrize("output", ["link", "dir"])
def test_a_link_that_leads_out_is_refused(store: LocalStore, work: Path, target: str, output: str) -> None:
    (work / "dir").mkdir()
    (work / "link").symlink_to(target)
    (work / "dir" / "link").symlink_to(target)
    with pytest.raises(OutputsWrong, match=f"link' is a link to '{target}': its target "):
        capture(store, work, [output])


def test_what_lies_behind_a_link_is_not_an_output(store: LocalStore, work: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"s")
    (work / "door").symlink_to(tmp_path / "outside")
    with pytest.raises(OutputsWrong, match="did not make what it declares: door/secret"):
        capture(store, work, ["door/secret"])


@pytest.mark.parametrize("output", ["pipe", "."])
def test_pipes_are_refused_wherever_they_are(store: LocalStore, work: Path, output: str) -> None:
    os.mkfifo(work / "sub" / "pipe")
    with pytest.raises(OutputsWrong, match="'sub/pipe' is neither a file, a folder nor a link"):
        capture(store, work, ["sub/pipe" if output == "pipe" else "sub"])


def test_a_declared_path_that_leaves_the_folder_is_refused(store: LocalStore, work: Path) -> None:
    with pytest.raises(InputError, match=r"not a path inside the tree: '\.\./x'"):
        capture(store, work, ["../x"])


def test_a_name_that_is_not_unicode_is_refused(store: LocalStore, work: Path) -> None:
    (work / "sub" / os.fsdecode(b"\xff")).write_bytes(b"x")
    with pytest.raises(InputError, match="not valid UTF-8"):
        capture(store, work, ["sub"])
