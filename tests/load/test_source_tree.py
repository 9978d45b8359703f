"""Files by folder and package."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.load.source_tree import SourceTree

TREE = SourceTree.of(["a/x", "a.txt", "a-b/x", "a/b/BUILD", "a/b/y", "a/BUILD.piot", "a0", "ab/x"])


def test_a_folder_has_its_files_and_no_neighbours() -> None:
    assert list(TREE.below("a")) == ["a/BUILD.piot", "a/b/BUILD", "a/b/y", "a/x"]
    assert list(TREE.own("a")) == ["BUILD.piot", "x"]
    assert list(TREE.own("")) == ["a-b/x", "a.txt", "a0", "ab/x"]
    assert "a/x" in TREE
    assert "a" not in TREE
    assert "zzz" not in TREE


paths = st.lists(st.sampled_from("ab.-0/"), min_size=1, max_size=6).map("".join)


@given(st.lists(paths, max_size=12), paths)
def test_a_folder_has_exactly_what_begins_with_it(files: list[str], folder: str) -> None:
    expected = sorted(file for file in files if file.startswith(f"{folder}/"))
    assert list(SourceTree.of(files).below(folder)) == expected


def test_a_pattern_that_takes_away_what_exclude_takes_away_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        TREE.glob("a", ["*"], ["!x"])
    assert str(caught.value) == "a pattern of exclude cannot begin with !\n\nhint: exclude already takes away"
