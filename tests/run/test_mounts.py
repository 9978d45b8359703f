"""The fixed place of mounted trees: the same for every checkout and store, and nobody else's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from piot.model.digest import Digest
from piot.model.tree import TreeBuilder
from piot.run import mounts
from piot.run.mounts import Mounted, show, stable
from piot.run.stores.local import LocalStore

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mounts, "PLACE", tmp_path / "place")
    return tmp_path / "place"


def tree(store: LocalStore, **files: str) -> Digest:
    builder = TreeBuilder()
    for name, content in files.items():
        builder.add_file(name, store.put_bytes(content.encode()), False)
    built = builder.build()
    store.put_tree(built)
    return built.root


def vendored(store: LocalStore) -> Mounted:
    """Two trees under one mount, as a vendored source is."""
    entries = (("one-1.0", tree(store, lib="one")), ("two-2.0", tree(store, lib="two")))
    return stable(store, "vendor", Digest.of(b"vendor"), entries)


def test_the_path_depends_on_the_content_alone(tmp_path: Path, place: Path) -> None:
    one, two = (vendored(LocalStore(tmp_path / name)) for name in ("store", "other"))
    assert one.path == two.path == place / Digest.of(b"vendor").hash[:32]
    assert one.binds != two.binds


def test_nothing_stands_there_before_it_is_shown(tmp_path: Path) -> None:
    assert not vendored(LocalStore(tmp_path / "store")).path.exists()


def test_entries_are_shown_as_folders(tmp_path: Path) -> None:
    mounted = vendored(LocalStore(tmp_path / "store"))
    show(mounted)
    assert (mounted.path / "one-1.0/lib").read_text() == "one"
    assert (mounted.path / "two-2.0/lib").read_text() == "two"


def test_a_single_tree_is_shown_as_the_mount_itself(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    mounted = stable(store, "tool", Digest.of(b"tool"), (("", tree(store, bin="x")),))
    show(mounted)
    show(mounted)
    assert (mounted.path / "bin").read_text() == "x"


def test_a_mount_of_nothing_is_an_empty_folder(tmp_path: Path) -> None:
    mounted = stable(LocalStore(tmp_path / "store"), "vendor", Digest.of(b"none"), ())
    show(mounted)
    show(mounted)
    assert list(mounted.path.iterdir()) == []


def test_a_second_store_leaves_links_that_hold(tmp_path: Path) -> None:
    show(vendored(LocalStore(tmp_path / "store")))
    mounted = vendored(LocalStore(tmp_path / "other"))
    before = (mounted.path / "one-1.0").readlink()
    show(mounted)
    assert (mounted.path / "one-1.0").readlink() == before


def test_a_dangling_link_is_replaced_and_the_others_are_left(tmp_path: Path) -> None:
    mounted = vendored(LocalStore(tmp_path / "store"))
    show(mounted)
    kept = (mounted.path / "two-2.0").lstat().st_ino
    (mounted.path / "one-1.0").unlink()
    (mounted.path / "one-1.0").symlink_to(tmp_path / "gone")
    show(mounted)
    assert (mounted.path / "one-1.0/lib").read_text() == "one"
    assert (mounted.path / "two-2.0").lstat().st_ino == kept
    assert sorted(path.name for path in mounted.path.iterdir()) == ["one-1.0", "two-2.0"]


def test_a_dangling_mount_of_one_tree_is_replaced(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    mounted = stable(store, "tool", Digest.of(b"tool"), (("", tree(store, bin="x")),))
    mounted.path.symlink_to(tmp_path / "gone")
    show(mounted)
    assert (mounted.path / "bin").read_text() == "x"


def test_a_link_that_somebody_removed_is_there_again(tmp_path: Path) -> None:
    mounted = vendored(LocalStore(tmp_path / "store"))
    show(mounted)
    (mounted.path / "one-1.0").unlink()
    show(mounted)
    assert (mounted.path / "one-1.0/lib").read_text() == "one"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, place: Path, mode: int) -> None:
    place.mkdir()
    place.chmod(mode)
    store = LocalStore(tmp_path / "store")
    assert vendored(store).path.parent == store.root / "mnt"


def test_a_link_in_its_place_is_not_used(tmp_path: Path, place: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    place.symlink_to(tmp_path / "elsewhere")
    store = LocalStore(tmp_path / "store")
    assert vendored(store).path.parent == store.root / "mnt"


def test_a_folder_of_another_user_is_not_used(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
    store = LocalStore(tmp_path / "store")
    assert vendored(store).path.parent == store.root / "mnt"


def test_a_fresh_place_is_for_its_owner_only(tmp_path: Path, place: Path) -> None:
    vendored(LocalStore(tmp_path / "store"))
    assert place.stat().st_mode & 0o777 == 0o700
