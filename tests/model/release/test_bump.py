"""The version after a version, where pre-releases are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.release.bump import WORDS, Word, bumped, greatest
from piot.model.semver import Semver


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [
        ("1.2.3", None, "1.2.4"),
        ("1.3.0-rc.1", None, "1.3.0-rc.2"),
        ("1.3.0-rc.9", None, "1.3.0-rc.10"),
        ("1.3.0-beta", None, "1.3.0-beta.1"),
        ("1.3.0-rc1", None, "1.3.0-rc2"),
        ("1.3.0-rc.1", "patch", "1.3.0"),
        ("1.3.0-rc.1", "minor", "1.3.0"),
        ("1.3.0-rc.1", "major", "2.0.0"),
        ("1.2.4-rc.1", "minor", "1.3.0"),
        ("2.0.0-rc.1", "minor", "2.0.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
    ],
)
def test_what_comes_after_a_pre_release(before: str, word: Word | None, after: str) -> None:
    assert str(bumped(Semver.parse(before), word)) == after


@given(
    st.tuples(*[st.integers(0, 99)] * 3),
    st.sampled_from(["", "rc", "rc.1", "a.b2", "7", "x-y"]),
    st.sampled_from([None, *WORDS]),
)
def test_it_is_always_a_later_one(core: tuple[int, int, int], pre: str, word: Word | None) -> None:
    before = Semver(core, pre)
    assert bumped(before, word).precedence > before.precedence


def test_the_greatest_step_is_the_one_that_changes_most() -> None:
    assert greatest(["patch", "major", "minor"]) == "major"
    assert greatest([]) is None
