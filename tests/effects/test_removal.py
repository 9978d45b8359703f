"""Removing trees, whatever their modes, and never what a link leads to."""

from __future__ import annotations

from pathlib import Path

from piot.effects import files


def test_a_tree_of_read_only_folders_is_removed_without_following_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "precious").write_bytes(b"")
    (tmp_path / "tree" / "deep" / "link").symlink_to(outside)
    (tmp_path / "tree" / "deep" / "file").write_bytes(b"")
    (tmp_path / "tree" / "deep" / "file").chmod(0o444)
    (tmp_path / "tree" / "deep").chmod(0o555)
    files.remove_tree(tmp_path / "tree")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["outside", "precious"]
    files.remove_tree(tmp_path / "tree")


def test_removing_a_link_to_a_folder_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    files.remove_tree(tmp_path / "link")
    assert [p.name for p in tmp_path.iterdir()] == ["real"]
