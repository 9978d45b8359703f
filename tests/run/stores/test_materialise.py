"""Trees and results as files: right modes and times, and no way out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.errors import InputError, MachineError
from piot.model.digest import Digest
from piot.model.result import ActionResult, OutputFile, OutputSymlink
from piot.model.tree import Directory, DirectoryNode, FileNode, SymlinkNode, TreeBuilder, encode_directory
from piot.run.stores.blobs import SMALL
from piot.run.stores.capture import capture
from piot.run.stores.local import LocalStore, Missing
from piot.run.stores.materialise import materialise, restore_outputs

WHEN = 1_700_000_000


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def test_a_private_copy_is_writable_and_has_one_time(store: LocalStore, tmp_path: Path) -> None:
    builder = TreeBuilder()
    builder.add_file("src/lib.rs", store.put_bytes(b"fn"))
    builder.add_file("big", store.put_bytes(b"x" * (SMALL + 1)), executable=True)
    builder.add_symlink("src/link", "../big")
    builder.add_empty("empty")
    tree = builder.build()
    store.put_tree(tree)
    dest = tmp_path / "new" / "copy"
    materialise(store, tree.root, dest, mtime=WHEN)
    found = {
        p.relative_to(dest).as_posix(): (oct(p.stat().st_mode & 0o777), p.stat().st_mtime)
        for p in dest.rglob("*")
        if not p.is_symlink()
    }
    assert found == {
        "big": ("0o755", float(WHEN)),
        "empty": ("0o755", float(WHEN)),
        "src": ("0o755", float(WHEN)),
        "src/lib.rs": ("0o644", float(WHEN)),
    }
    assert dest.stat().st_mtime == WHEN
    assert (dest / "src/link").readlink() == Path("../big")
    (dest / "big").write_bytes(b"changed")
    (dest / "src/lib.rs").write_bytes(b"changed")
    assert store.read(Digest.of(b"x" * (SMALL + 1))) == b"x" * (SMALL + 1)
    assert store.read(Digest.of(b"fn")) == b"fn"


def test_the_destination_must_be_absent_or_empty(store: LocalStore, tmp_path: Path) -> None:
    root = store.put_bytes(b"")
    (tmp_path / "empty").mkdir()
    materialise(store, root, tmp_path / "empty", mtime=WHEN)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"")
    (tmp_path / "link").symlink_to("empty")
    for name in ("full", "link"):
        with pytest.raises(MachineError, match=f"{name} is not an empty folder"):
            materialise(store, root, tmp_path / name, mtime=WHEN)


def put(store: LocalStore, directory: Directory) -> Digest:
    return store.put_bytes(encode_directory(directory))


def file(store: LocalStore, name: str) -> FileNode:
    return FileNode(name=name, digest=store.put_bytes(b"evil"))


def link(name: str, target: str) -> SymlinkNode:
    return SymlinkNode(name=name, target=target)


def attack(store: LocalStore, kind: str) -> Digest:
    """The root of a tree that tries to write ``evil`` or to read ``secret`` beside the destination."""
    below = DirectoryNode(name="d", digest=put(store, Directory(files=(file(store, "evil"),))))
    match kind:
        case "absolute link":
            tree = Directory(symlinks=(link("l", "/etc/passwd"),))
        case "parent link":
            tree = Directory(symlinks=(link("l", "../secret"),))
        case "link and folder of one name":
            tree = Directory(directories=(below,), symlinks=(link("d", ".."),))
        case "link and file of one name":
            tree = Directory(files=(file(store, "x"),), symlinks=(link("x", "evil"),))
        case "chained links":
            up = put(store, Directory(symlinks=(link("up", ".."),)))
            node = DirectoryNode(name="d", digest=up)
            tree = Directory(directories=(node,), symlinks=(link("l", "d/up/../secret"),))
        case "folder twice":
            tree = Directory(directories=(below, below))
        case _:
            tree = Directory(files=(file(store, "x"), file(store, "x")))
    return put(store, tree)


@pytest.mark.parametrize(
    "kind",
    [
        "absolute link",
        "parent link",
        "link and folder of one name",
        "link and file of one name",
        "chained links",
        "folder twice",
        "file twice",
    ],
)
def test_an_evil_tree_writes_nothing_outside_and_leaves_no_link_to_outside(
    store: LocalStore, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    dest = tmp_path / "dest"
    with pytest.raises((InputError, MachineError)):
        materialise(store, attack(store, kind), dest, mtime=WHEN)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dest", "secret", "store"]
    for path in dest.rglob("*"):
        assert path.resolve().is_relative_to(dest.resolve())


def test_an_evil_link_is_named_in_the_message(store: LocalStore, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        materialise(store, attack(store, "parent link"), tmp_path / "dest", mtime=WHEN)
    assert str(caught.value) == "the link 'l' -> '../secret' is not written: its target lies outside"


def made(store: LocalStore, tmp_path: Path) -> ActionResult:
    work = tmp_path / "work"
    (work / "out" / "sub").mkdir(parents=True)
    (work / "wheel").write_bytes(b"wheel")
    (work / "tool").write_bytes(b"t" * (SMALL + 1))
    (work / "tool").chmod(0o755)
    (work / "out" / "sub" / "f").write_bytes(b"f")
    (work / "latest").symlink_to("wheel")
    return capture(store, work, ["wheel", "tool", "out", "latest"])


def test_outputs_are_restored_bit_for_bit_and_left_alone_the_second_time(
    store: LocalStore, tmp_path: Path
) -> None:
    result = made(store, tmp_path)
    dist = tmp_path / "dist"
    changed = restore_outputs(store, result, lambda path: dist / path, inside=dist)
    assert sorted(p.name for p in changed) == ["latest", "out", "tool", "wheel"]
    assert (dist / "wheel").read_bytes() == b"wheel"
    assert (dist / "tool").stat().st_mode & 0o777 == 0o755
    assert (dist / "out/sub/f").read_bytes() == b"f"
    assert (dist / "latest").readlink() == Path("wheel")
    inodes = {p.name: p.lstat().st_ino for p in dist.iterdir()}
    assert restore_outputs(store, result, lambda path: dist / path, inside=dist) == ()
    assert {p.name: p.lstat().st_ino for p in dist.iterdir()} == inodes


def test_what_differs_is_replaced_and_nothing_else_stays(store: LocalStore, tmp_path: Path) -> None:
    result = made(store, tmp_path)
    dist = tmp_path / "dist"
    restore_outputs(store, result, lambda path: dist / path)
    (dist / "wheel").write_bytes(b"WHEEL")
    (dist / "tool").chmod(0o644)
    (dist / "out" / "extra").write_bytes(b"")
    (dist / "latest").unlink()
    (dist / "latest").mkdir()
    changed = restore_outputs(store, result, lambda path: dist / path)
    assert sorted(p.name for p in changed) == ["latest", "out", "tool", "wheel"]
    assert (dist / "wheel").read_bytes() == b"wheel"
    assert os.access(dist / "tool", os.X_OK)
    assert [p.name for p in (dist / "out").iterdir()] == ["sub"]
    assert sorted(p.name for p in dist.iterdir()) == ["latest", "out", "tool", "wheel"]


def test_a_link_in_the_place_of_an_output_is_replaced_not_written_through(
    store: LocalStore, tmp_path: Path
) -> None:
    (tmp_path / "precious").write_bytes(b"wheel?")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "wheel").symlink_to("../precious")
    result = ActionResult(files=(OutputFile(path="wheel", digest=store.put_bytes(b"wheel")),))
    restore_outputs(store, result, lambda path: tmp_path / "dist" / path)
    assert (tmp_path / "precious").read_bytes() == b"wheel?"
    assert not (tmp_path / "dist" / "wheel").is_symlink()


def test_a_link_above_an_output_is_refused(store: LocalStore, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (dist / "triple").symlink_to("../elsewhere")
    result = ActionResult(files=(OutputFile(path="x", digest=store.put_bytes(b"x")),))
    with pytest.raises(MachineError) as caught:
        restore_outputs(store, result, lambda path: dist / "triple" / path, inside=dist)
    assert str(caught.value) == (
        f"{dist}/triple is not a folder but a symlink: nothing is written through it\n\nhint: remove it"
    )
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_corrupt_big_output_is_missing_and_the_old_file_stays(store: LocalStore, tmp_path: Path) -> None:
    data = b"x" * (SMALL + 1)
    result = ActionResult(files=(OutputFile(path="big", digest=store.put_bytes(data)),))
    blob = store.blob_path(Digest.of(data))
    blob.chmod(0o644)
    blob.write_bytes(b"y" * (SMALL + 1))
    (tmp_path / "big").write_bytes(b"old")
    with pytest.raises(Missing):
        restore_outputs(store, result, lambda path: tmp_path / path)
    assert (tmp_path / "big").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["big", "store"]


def test_an_output_link_that_leads_out_is_not_written(store: LocalStore, tmp_path: Path) -> None:
    result = ActionResult(symlinks=(OutputSymlink(path="l", target="../../etc/passwd"),))
    with pytest.raises(InputError, match="its target lies outside"):
        restore_outputs(store, result, lambda path: tmp_path / "dist" / path)
    assert list((tmp_path / "dist").iterdir()) == []
