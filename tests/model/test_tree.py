"""Merkle trees: what may stand beside what, and that equal content has equal digests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model.digest import EMPTY, Digest
from piot.model.nodes import link_problem, windows_problem
from piot.model.tree import Directory, DirectoryNode, FileNode, SymlinkNode, TreeBuilder, decode_directory

ONE, TWO = Digest.of(b"1"), Digest.of(b"2")


def test_an_empty_tree_is_the_empty_message() -> None:
    tree = TreeBuilder().build()
    assert (tree.root, tree.directories) == (EMPTY, {EMPTY: b""})


def test_files_links_and_subtrees_become_sorted_directories() -> None:
    builder = TreeBuilder()
    builder.add_file("src/lib.rs", ONE)
    builder.add_file("build.sh", TWO, executable=True)
    builder.add_symlink("a", "src")
    builder.add_directory("vendor", TWO)
    builder.add_empty("out/deep")
    tree = builder.build()
    root = decode_directory(tree.directories[tree.root])
    source, out = (node.digest for node in (root.directories[1], root.directories[0]))
    assert root == Directory(
        files=(FileNode(name="build.sh", digest=TWO, executable=True),),
        directories=(
            DirectoryNode(name="out", digest=out),
            DirectoryNode(name="src", digest=source),
            DirectoryNode(name="vendor", digest=TWO),
        ),
        symlinks=(SymlinkNode(name="a", target="src"),),
    )
    assert decode_directory(tree.directories[source]) == Directory(
        files=(FileNode(name="lib.rs", digest=ONE),)
    )
    assert TWO not in tree.directories


@given(st.permutations([("a/b", ONE), ("a/c", TWO), ("d", ONE), ("é/ü", TWO)]))
def test_the_order_of_adding_does_not_matter(entries: list[tuple[str, Digest]]) -> None:
    builder, sorted_builder = TreeBuilder(), TreeBuilder()
    for path, digest in entries:
        builder.add_file(path, digest)
    for path, digest in sorted(entries):
        sorted_builder.add_file(path, digest)
    assert builder.build() == sorted_builder.build()


def test_the_same_thing_may_be_added_twice() -> None:
    builder = TreeBuilder()
    for _ in range(2):
        builder.add_file("a/f", ONE)
        builder.add_symlink("a/l", "f")
        builder.add_directory("a/d", TWO)
        builder.add_empty("a/e")
    assert len(builder.build().directories) == 3


@pytest.mark.parametrize("second", ["other file", "executable", "link", "subtree", "below"])
def test_two_different_things_at_one_path_are_an_error_that_names_it(second: str) -> None:
    builder = TreeBuilder()
    builder.add_file("a/b", ONE)
    with pytest.raises(InputError, match="two different things at 'a/b'"):
        match second:
            case "other file":
                builder.add_file("a/b", TWO)
            case "executable":
                builder.add_file("a/b", ONE, executable=True)
            case "link":
                builder.add_symlink("a/b", "c")
            case "subtree":
                builder.add_directory("a/b", TWO)
            case _:
                builder.add_file("a/b/c", TWO)


def test_a_subtree_cannot_stand_where_a_folder_is_being_filled() -> None:
    builder = TreeBuilder()
    builder.add_file("a/b/c", ONE)
    with pytest.raises(InputError, match="two different things at 'a/b'"):
        builder.add_directory("a/b", TWO)


@pytest.mark.parametrize("path", ["vendor/new", "vendor/deep/new"])
def test_nothing_is_added_below_a_grafted_tree(path: str) -> None:
    builder = TreeBuilder()
    builder.add_directory("vendor", TWO)
    with pytest.raises(InputError, match="nothing can be added below 'vendor': a finished tree stands there"):
        builder.add_file(path, ONE)


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "./a", "a/..", "../a", "a/./b", "a\0b", "ü//b"])
def test_paths_that_leave_the_tree_or_are_not_plain_are_errors(path: str) -> None:
    with pytest.raises(InputError, match="not a path inside the tree"):
        TreeBuilder().add_file(path, ONE)


def test_a_name_that_is_not_unicode_is_an_error() -> None:
    with pytest.raises(InputError, match="not valid UTF-8"):
        TreeBuilder().add_file("a\udcff", ONE)


@pytest.mark.parametrize(
    ("path", "target", "problem"),
    [
        ("a/l", "b", None),
        ("a/l", "../b/c", None),
        ("l", "a/b", None),
        ("l", "/etc/passwd", "its target is not a relative path"),
        ("l", "", "its target is not a relative path"),
        ("l", "..\\x", "its target is not a relative path"),
        ("l", "..", "its target lies outside"),
        ("a/l", "../../x", "its target lies outside"),
        ("l", "a/../../x", "its target goes up after going down"),
    ],
)
def test_links_may_only_lead_inside(path: str, target: str, problem: str | None) -> None:
    assert link_problem(path, target) == problem


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.txt", None),
        ("console", None),
        ("C:", "a character that Windows reserves"),
        ("a\\b", "a character that Windows reserves"),
        ("x.", "a dot or a space at the end, which Windows drops"),
        ("nul.txt", "the name of a Windows device"),
        ("COM1", "the name of a Windows device"),
    ],
)
def test_names_that_mean_something_else_on_windows(name: str, problem: str | None) -> None:
    assert windows_problem(name) == problem
