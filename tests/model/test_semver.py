"""Versions and requirements as Cargo reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import InputError
from piot.model.semver import Semver, accepts, raised

ORDER = (
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.10",
    "1.2.0",
)


def test_versions_sort_as_the_specification_says() -> None:
    assert sorted(ORDER, key=lambda text: Semver.parse(text).precedence) == list(ORDER)


@pytest.mark.parametrize(
    "text", ["1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "", "1.2.3 ", "1.2.3.4"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InputError) as wrong:
        Semver.parse(text)
    assert str(wrong.value) == f'"{text}" is not a version\n\nhint: write MAJOR.MINOR.PATCH, as in 1.2.3'


NUMBERS = st.integers(0, 10**6)


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "-rc.1", "-a-b.0+x.01", "+7"]))
def test_a_version_reads_back(major: int, minor: int, patch: int, rest: str) -> None:
    text = f"{major}.{minor}.{patch}{rest}"
    assert str(Semver.parse(text)) == text


@pytest.mark.parametrize(
    ("requirement", "yes", "no"),
    [
        ("1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0 1.3.0-rc.1"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.9.0", "1.0.0"),
        ("1", "1.0.0 1.9.9", "2.0.0 0.9.9"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~1", "1.9.0", "2.0.0"),
        ("=1.2.3", "1.2.3", "1.2.4 1.2.3-rc.1"),
        ("=1.2", "1.2.0 1.2.7", "1.3.0"),
        ("1.2.*", "1.2.0 1.2.7", "1.3.0"),
        ("1.*", "1.9.0", "2.0.0"),
        ("*", "0.0.1 9.0.0", "1.0.0-rc.1"),
        (">1.2", "1.3.0", "1.2.9"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<1.2", "1.1.9", "1.2.0 1.2.0-rc.1"),
        (">=1.2.0, <1.5", "1.2.0 1.4.9", "1.5.0 1.1.9"),
        ("1.2.3-rc.1", "1.2.3-rc.1 1.2.3-rc.2 1.2.3 1.4.0", "1.2.3-beta 1.2.4-rc.1"),
    ],
)
def test_requirements_accept_what_cargo_accepts(requirement: str, yes: str, no: str) -> None:
    assert [one for one in yes.split() if not accepts(requirement, Semver.parse(one))] == []
    assert [one for one in no.split() if accepts(requirement, Semver.parse(one))] == []


@pytest.mark.parametrize(
    ("requirement", "new"),
    [
        ("0.1.0", "0.2.0"),
        ("0.1", "0.2.0"),
        ("=0.1.0", "=0.2.0"),
        ("= 0.1.0", "= 0.2.0"),
        ("^0.1", "^0.2.0"),
        ("~0.1.0", "~0.2.0"),
        (">=0.1.0-rc.1", ">=0.2.0"),
        (">=0.1, <0.3", ">=0.1, <0.3"),
        (">=0.1, <0.2", None),
        ("0.x", "0.x"),
        ("0.1.*", None),
        ("<1", "<1"),
        ("*", "*"),
    ],
)
def test_a_requirement_follows_with_its_operator(requirement: str, new: str | None) -> None:
    assert raised(requirement, Semver.parse("0.2.0+build")) == new


@given(st.sampled_from(["", "=", "^", "~", ">="]), st.sampled_from(ORDER), st.sampled_from(ORDER))
def test_a_raised_requirement_accepts_the_version(operator: str, old: str, new: str) -> None:
    requirement = raised(f"{operator}{old}", Semver.parse(new))
    assert requirement is not None and accepts(requirement, Semver.parse(new))
