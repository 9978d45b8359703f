"""Roots that are known without a look at the files: of the same action, and only while none changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.model.action import SourceFile
from piot.model.digest import Digest
from piot.run.index import Seen
from piot.run.recall import Recall
from piot.run.staged import MountTree, Placed
from piot.run.stores.local import LocalStore

ROOT, A, B = Digest.of(b"root"), Digest.of(b"a"), Digest.of(b"b")
FILES = (SourceFile(path="x/a"), SourceFile(path="b", dest="c"))
OTHERS: tuple[Placed, ...] = (("output o of p", "o", A, False),)
MOUNTS: tuple[MountTree, ...] = (("tool", A, (("", A),)),)
TRACKED = ("b", "x/a", "y")


def recall(store: LocalStore, *touched: str, state: int = 1, stamped: tuple[str, ...] = ()) -> Recall:
    seen = Seen((state, 0, 0, 0, 0, 0), frozenset(touched), lambda: TRACKED)
    return Recall(store, Path("/checkout"), seen, frozenset(stamped))


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    made = LocalStore(tmp_path / "store")
    first = recall(made)
    first.note(FILES, OTHERS, MOUNTS, ROOT)
    first.save()
    return made


def test_a_root_is_known_in_the_next_run(store: LocalStore) -> None:
    assert recall(store).root(FILES, OTHERS, MOUNTS) == ROOT
    assert recall(store, "y").root(FILES, OTHERS, MOUNTS) == ROOT


def test_not_when_a_file_differs_from_the_index_or_the_index_from_the_last(store: LocalStore) -> None:
    assert recall(store, "b").root(FILES, OTHERS, MOUNTS) is None
    assert recall(store, stamped=("x/a",)).root(FILES, OTHERS, MOUNTS) is None
    assert recall(store, state=2).root(FILES, OTHERS, MOUNTS) is None
    other = Recall(store, Path("/other"), Seen((1, 0, 0, 0, 0, 0), frozenset(), lambda: TRACKED))
    assert other.root(FILES, OTHERS, MOUNTS) is None


@pytest.mark.parametrize(
    ("files", "others", "mounts"),
    [
        (FILES[:1], OTHERS, MOUNTS),
        ((FILES[0], SourceFile(path="b")), OTHERS, MOUNTS),
        ((FILES[0], SourceFile(path="y", dest="c")), OTHERS, MOUNTS),
        (FILES, (), MOUNTS),
        (FILES, (("output o of p", "o", B, False),), MOUNTS),
        (FILES, (("output o of p", "o", A, True),), MOUNTS),
        (FILES, (("output o of p", "p", A, False),), MOUNTS),
        (FILES, OTHERS, ()),
        (FILES, OTHERS, (("tool", B, ()),)),
        (FILES, OTHERS, (("other", A, ()),)),
    ],
)
def test_whatever_differs_is_another_root(
    store: LocalStore,
    files: tuple[SourceFile, ...],
    others: tuple[Placed, ...],
    mounts: tuple[MountTree, ...],
) -> None:
    assert recall(store).root(files, others, mounts) is None


def test_what_git_does_not_answer_for_is_not_noted(store: LocalStore) -> None:
    ignored = (SourceFile(path="ignored"),)
    for one, files in ((recall(store), ignored), (recall(store, "y"), (SourceFile(path="y"),))):
        one.note(files, (), (), ROOT)
        one.save()
        assert recall(store).root(files, (), ()) is None
    assert recall(store).root(FILES, OTHERS, MOUNTS) == ROOT
