"""Input roots are remembered, and each is the root of exactly what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model.digest import Digest
from piot.run import roots as roots_module
from piot.run.roots import Roots
from piot.run.staged import MountTree, Placed, tree_of
from piot.run.stores.local import LocalStore

A, B = Digest.of(b"a"), Digest.of(b"b")
INPUTS: tuple[Placed, ...] = (("file x/a", "x/a", A, False), ("file b", "b", B, True))
MOUNTS: tuple[MountTree, ...] = (("tool", A, (("", A),)),)

OTHERS: tuple[tuple[tuple[Placed, ...], tuple[MountTree, ...]], ...] = (
    (INPUTS, ()),
    (INPUTS[:1], MOUNTS),
    ((INPUTS[0], ("file b", "c", B, True)), MOUNTS),
    ((INPUTS[0], ("file b", "b", A, True)), MOUNTS),
    ((INPUTS[0], ("file b", "b", Digest(B.hash, 7), True)), MOUNTS),
    ((INPUTS[0], ("file b", "b", B, False)), MOUNTS),
    ((INPUTS[0], ("output b", "b", B, None)), MOUNTS),
    (INPUTS, (("tool", B, ()),)),
    (INPUTS, (("other", A, ()),)),
)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def test_a_root_that_was_saved_is_not_computed_again(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Roots(store, Path("/checkout"))
    root = first.of(INPUTS, MOUNTS)
    first.save()
    assert root == tree_of(INPUTS, MOUNTS).root
    monkeypatch.setattr(roots_module, "tree_of", None)
    assert Roots(store, Path("/checkout")).of(INPUTS, MOUNTS) == root
    with pytest.raises(TypeError, match="not callable"):
        Roots(store, Path("/other")).of(INPUTS, MOUNTS)


@pytest.mark.parametrize("other", OTHERS)
def test_whatever_differs_has_a_root_of_its_own(
    store: LocalStore, other: tuple[tuple[Placed, ...], tuple[MountTree, ...]]
) -> None:
    roots = Roots(store, Path("/checkout"))
    assert roots.of(INPUTS, MOUNTS) != roots.of(*other) == tree_of(*other).root


NAMES = st.sampled_from(["a", "b", "c/d", "c/e"])
DIGESTS = st.sampled_from([A, B])
LISTINGS = st.tuples(
    st.dictionaries(NAMES, st.tuples(DIGESTS, st.sampled_from([True, False, None]))).map(
        lambda found: tuple((name, name, digest, runs) for name, (digest, runs) in found.items())
    ),
    st.dictionaries(st.sampled_from(["m", "n"]), DIGESTS).map(
        lambda found: tuple((name, digest, ()) for name, digest in found.items())
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(LISTINGS, max_size=8))
def test_it_never_changes_a_root(
    store: LocalStore, asked: list[tuple[tuple[Placed, ...], tuple[MountTree, ...]]]
) -> None:
    for _ in range(2):
        roots = Roots(store, Path("/checkout"))
        assert [roots.of(*each) for each in asked] == [tree_of(*each).root for each in asked]
        roots.save()


def test_two_things_at_one_place_are_an_error_every_time(store: LocalStore) -> None:
    roots = Roots(store, Path("/checkout"))
    for _ in range(2):
        with pytest.raises(InputError, match="two different things at 'a'"):
            roots.of((("file a", "a", A, False), ("text a", "a", B, False)), ())


def test_the_latest_are_kept(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots_module, "MOST", 2)
    roots = Roots(store, Path("/checkout"))
    for number in (0, 1, 0, 2):
        roots.of(*OTHERS[number])
    roots.save()
    monkeypatch.setattr(roots_module, "tree_of", None)
    again = Roots(store, Path("/checkout"))
    assert [again.of(*OTHERS[number]) for number in (0, 2)]
    with pytest.raises(TypeError, match="not callable"):
        again.of(*OTHERS[1])
