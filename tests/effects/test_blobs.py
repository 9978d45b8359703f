"""Ids of blobs as git has them, with the real git."""

from __future__ import annotations

import os
from pathlib import Path

from piot.effects.blobs import in_index, of_files
from tests.support.repository import do, init

ENVIRON = {"PATH": os.environ["PATH"]}


def test_the_index_tells_the_ids_that_reading_the_files_gives(tmp_path: Path) -> None:
    root = init(tmp_path / "checkout")
    assert in_index(root, ENVIRON) == {}
    names = ["plain", "a b/ünïcode\n", "program", "link"]
    (root / "a b").mkdir()
    for name in names[:3]:
        (root / name).write_text(name)
    (root / "program").chmod(0o755)
    (root / "link").symlink_to("plain")
    do(root, "add", ".")
    (root / "untracked").touch()
    found = in_index(root, ENVIRON)
    assert found == of_files(root, names)
    assert {name: each.partition(" ")[0] for name, each in found.items()} == {
        **{"plain": "100644", "a b/ünïcode\n": "100644"},
        **{"program": "100755", "link": "120000"},
    }
    assert in_index(root / "a b", ENVIRON) == {"ünïcode\n": found["a b/ünïcode\n"]}


def test_of_a_conflict_the_last_side_counts(tmp_path: Path) -> None:
    root = init(tmp_path / "checkout")
    for branch, text in (("ours", "ours"), ("theirs", "theirs")):
        do(root, "checkout", "--quiet", "--orphan", branch)
        (root / "file").write_text(text)
        do(root, "add", ".")
        do(root, "commit", "--quiet", "-m", branch)
    do(root, "merge", "--quiet", "--allow-unrelated-histories", "ours", check=False)
    ours = do(root, "rev-parse", "ours:file").strip()
    assert in_index(root, ENVIRON) == {"file": f"100644 {ours}"}


def test_where_git_keeps_no_index_there_is_nothing(tmp_path: Path) -> None:
    assert in_index(tmp_path, ENVIRON) == {}
