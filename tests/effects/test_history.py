"""The history of a repository, with the real git: odd names, odd files, odd clones."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from piot.effects.history import History
from piot.errors import InputError, MachineError
from piot.model.history import UNREAD, Change, File
from tests.support.history import Repository, package

ODD = 'core/é \n\t"x".rs'


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    return Repository.make(tmp_path / "repository", package("core"))


def history(made: Repository) -> History:
    return History(made.root, made.environ)


def changes(made: Repository, root: str = "", before: str = "HEAD~1") -> list[tuple[str, str]]:
    """Paths and what became of them."""
    past = history(made)
    trees = past.trees((made.git("rev-parse", before), made.git("rev-parse", "HEAD")))
    old, new = trees.values()
    found = past.diff({(old, new): frozenset({root})}).changes((old, new), root)
    return [(change.path, change.kind) for change in found]


def test_paths_may_be_anything(made: Repository) -> None:
    made.commit("x", ODD)
    assert changes(made) == [(ODD, "added")]
    made.git("rm", "--quiet", ODD)
    made.commit("x")
    assert changes(made, "core") == [(ODD, "deleted")]


def test_a_file_that_moves_leaves_one_place_and_comes_to_another(made: Repository) -> None:
    (made.root / "other").mkdir()
    made.git("mv", "core/x", "other/x")
    made.commit("x")
    assert changes(made) == [("core/x", "deleted"), ("other/x", "added")]
    assert changes(made, "other/x") == [("other/x", "added")]
    assert changes(made, "core/y") == []


def test_modes_links_and_folders_in_the_place_of_files_count(made: Repository) -> None:
    (made.root / "core/x").chmod(0o755)
    made.commit("x")
    assert changes(made) == [("core/x", "mode")]
    (made.root / "core/x").unlink()
    (made.root / "core/x").symlink_to("elsewhere")
    made.commit("x")
    assert changes(made) == [("core/x", "changed")]
    (made.root / "core/x").unlink()
    made.commit("x", "core/x/y/z")
    assert sorted(changes(made)) == [("core/x", "deleted"), ("core/x/y/z", "added")]
    assert sorted(changes(made, "core/x")) == [("core/x", "deleted"), ("core/x/y/z", "added")]


def test_folders_with_the_same_content_differ_each_by_itself(made: Repository) -> None:
    for folder in ("core/a", "core/b/deep", "c"):
        made.write(f"{folder}/in/x", "1")
        made.write(f"{folder}/in/y", "1")
    made.commit("x")
    for folder in ("core/a", "core/b/deep", "c"):
        made.write(f"{folder}/in/x", "2")
    made.commit("x")
    every = [("c/in/x", "changed"), ("core/a/in/x", "changed"), ("core/b/deep/in/x", "changed")]
    assert changes(made) == every
    assert changes(made, "core") == every[1:]
    assert changes(made, "core/b/deep/in") == every[2:]
    first, last = made.git("rev-list", "--max-parents=0", "HEAD"), made.git("rev-parse", "HEAD")
    assert [each.path for each in history(made).changes(first, last)] == [
        f"{folder}/in/{name}" for folder in ("c", "core/a", "core/b/deep") for name in "xy"
    ]


GONE, FILE, PROGRAM = "000000", "100644", "100755"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("add core/new", [("core/new", GONE, FILE)]),
        ("add --intent-to-add core/new", [("core/new", GONE, FILE)]),
        ("rm --cached core/x", [("core/x", FILE, GONE)]),
        ("rm core/x", [("core/x", FILE, GONE)]),
        ("mv core/x core/y", [("core/x", FILE, GONE), ("core/y", GONE, FILE)]),
        ("update-index --chmod=+x core/x", [("core/x", FILE, FILE)]),
        ("apply mode.diff", [("core/x", FILE, PROGRAM)]),
        ("merge side", [("core/x", FILE, FILE)]),
    ],
)
def test_what_is_not_committed(made: Repository, words: str, expected: list[tuple[str, str, str]]) -> None:
    made.git("checkout", "--quiet", "-b", "side")
    made.commit("side", "core/x")
    made.git("checkout", "--quiet", "main")
    made.write("core/x", "ours")
    made.commit("ours")
    made.write("core/new", "new")
    made.write("mode.diff", "diff --git a/core/x b/core/x\nold mode 100644\nnew mode 100755\n")
    with suppress(CalledProcessError):  # of the merge, which leaves a conflict
        made.git(*words.split())
    found = [(each.path, each.before_mode, each.after_mode) for each in history(made).uncommitted()()]
    assert found == expected


def test_a_submodule_that_points_elsewhere_is_a_change(made: Repository, tmp_path: Path) -> None:
    inner = Repository.make(tmp_path / "inner", package("inner"))
    made.git("submodule", "--quiet", "add", str(inner.root), "core/inner")
    made.commit("x")
    inner.commit("more", "inner/x")
    made.git("-C", "core/inner", "pull", "--quiet")
    made.commit("x")
    assert changes(made) == [("core/inner", "changed")]


def test_files_are_those_of_the_commit(made: Repository) -> None:
    past = history(made)
    made.write("core/new", "not committed")
    tree = made.git("rev-parse", "HEAD^{tree}")
    blob = made.git("rev-parse", "HEAD:core/x")
    assert past.files(tree, ("core",)) == (File("core/x", "100644", blob),)
    assert [file.path for file in past.files(tree)] == ["core/x", "putitoutthere.toml"]
    assert past.uncommitted()() == ()
    made.write("core/x", "not committed")
    assert past.uncommitted()() == (Change("core/x", "100644", "100644", blob, UNREAD),)


def test_tags_are_of_commits_and_know_whether_they_are_in_the_history(made: Repository) -> None:
    first = made.git("rev-parse", "HEAD")
    made.git("tag", "--annotate", "--message=x", "annotated")
    made.git("tag", "--annotate", "--message=x", "of-a-tag", "annotated")
    made.git("tag", "of-a-tree", "HEAD^{tree}")
    made.git("checkout", "--quiet", "-b", "side")
    side = made.commit("side", "core/x")
    made.git("tag", "side-tag")
    made.git("checkout", "--quiet", "main")
    found = {tag.name: (tag.commit, tag.reachable) for tag in history(made).tags()}
    assert found == {
        "annotated": (first, True),
        "of-a-tag": (first, True),
        "core-v1.0.0": (first, True),
        "side-tag": (side, False),
    }


def test_a_repository_without_tags_has_none(tmp_path: Path) -> None:
    assert history(Repository.make(tmp_path, package("core"), tags=None)).tags() == ()


def test_messages_come_whole_and_children_first(made: Repository) -> None:
    first = made.git("rev-parse", "HEAD")
    second = made.commit("é\n\nrelease: minor\n\nmore", "core/x")
    third = made.commit("third", "core/x")
    found = history(made).log("HEAD", [first])()
    assert [commit.id for commit in found] == [third, second]
    assert found[1].parents == (first,)
    assert found[1].message.rstrip("\n") == "é\n\nrelease: minor\n\nmore"


def test_a_checkout_in_a_folder_of_a_repository_has_paths_of_its_own(tmp_path: Path) -> None:
    outer = Repository(root=tmp_path)
    outer.git("init", "--quiet", "--initial-branch=main")
    inner = Repository(root=tmp_path / "inner")
    inner.write("a/x", "1")
    outer.write("outside", "1")
    outer.commit("first")
    outer.commit("x", "inner/a/x", "outside")
    assert changes(inner) == [("a/x", "changed")]
    inner.write("a/x", "2")
    outer.write("outside", "2")
    assert [each.path for each in history(inner).uncommitted()()] == ["a/x"]


def test_what_is_no_repository_or_has_no_commit_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as wrong:
        _ = History(tmp_path, {"PATH": "/nowhere"}).head
    assert str(wrong.value) == (
        f"{tmp_path} is no git repository\n\n"
        "hint: what is released follows from tags and commits: run `git init` and commit"
    )
    made = Repository(root=tmp_path)
    made.git("init", "--quiet")
    assert history(made).head is None
    with pytest.raises(MachineError, match="git is not installed"):
        _ = History(tmp_path, {"PATH": "/nowhere"}).head
