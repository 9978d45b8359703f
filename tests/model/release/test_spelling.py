"""Versions as registries spell them."""

from __future__ import annotations

import pytest

from piot.model.package import Kind
from piot.model.release.spelling import highest, read_spelled, spelled
from piot.model.semver import Semver


@pytest.mark.parametrize(
    ("kind", "version", "text"),
    [
        ("crates", "1.3.0-rc.1", "1.3.0-rc.1"),
        ("npm", "1.3.0-rc.1", "1.3.0-rc.1"),
        ("pypi", "1.3.0-rc.1", "1.3.0rc1"),
        ("pypi", "1.3.0-alpha.2", "1.3.0a2"),
        ("pypi", "1.3.0", "1.3.0"),
    ],
)
def test_a_version_is_spelled_and_read_back(kind: Kind, version: str, text: str) -> None:
    assert spelled(kind, Semver.parse(version)) == text
    assert str(read_spelled(kind, text)) == version


@pytest.mark.parametrize(
    ("text", "version"),
    [("1", "1.0.0"), ("1.2", "1.2.0"), ("1.2.3.dev4", "1.2.3-dev.4"), ("1.2rc1", "1.2.0-rc.1")],
)
def test_python_versions_may_be_short(text: str, version: str) -> None:
    assert str(read_spelled("pypi", text)) == version


@pytest.mark.parametrize("text", ["1!2.0.0", "1.0.post1", "1.2.3.4", "1.0+local", "banana"])
def test_some_have_no_other_spelling(text: str) -> None:
    assert read_spelled("pypi", text) is None


def test_the_highest_is_a_release_where_there_is_one() -> None:
    assert str(highest("npm", ("1.9.0", "1.10.0", "2.0.0-rc.1", "junk"))) == "1.10.0"
    assert str(highest("npm", ("2.0.0-rc.1", "2.0.0-rc.2"))) == "2.0.0-rc.2"
    assert highest("npm", ()) is None
