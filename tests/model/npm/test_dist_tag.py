"""The dist-tag of a version."""

from __future__ import annotations

import pytest

from piot.model.npm.dist_tag import dist_tag, is_range


@pytest.mark.parametrize(
    ("configured", "version", "latest", "expected"),
    [
        ("latest", "1.0.0", None, "latest"),
        ("latest", "1.1.0", "1.0.0", "latest"),
        ("latest", "1.0.0-rc.1", "0.9.0", "rc"),
        ("latest", "1.0.0-1", None, "next"),
        ("latest", "1.0.1", "2.0.0", "v1-latest"),
        ("latest", "1.0.0-rc1", None, "rc1"),
        ("latest", "1.0.0-v1.2", None, "next"),
        ("latest", "1.0.0-x.7", None, "next"),
        ("latest", "1.0.0--a", None, "next"),
        ("latest", "1.0.1", "not a version", "latest"),
        ("next", "1.0.0", "2.0.0", "next"),
        ("next", "1.0.0-rc.1", None, "next"),
    ],
)
def test_people_who_name_no_version_get_the_newest_release(
    configured: str, version: str, latest: str | None, expected: str
) -> None:
    assert dist_tag(configured, version, latest) == expected


@pytest.mark.parametrize(
    "tag",
    [
        *(
            "v1",
            "1",
            "x",
            "X",
            "*",
            "1.x",
            "v2.x.x",
            "1.2.3",
            "=1.2.3-rc.1",
            "^1",
            "~>1.2",
            ">=1 <2",
            "1 - 2",
        ),
        *("1 || 2", "1.0.0+build", ""),
    ],
)
def test_what_npm_reads_as_a_range_is_no_tag(tag: str) -> None:
    assert is_range(tag)


@pytest.mark.parametrize(
    "tag",
    ["latest", "v", "rc", "v1-latest", "1-lts", "2.x-latest", "latest-1", "x.y", "1.2.3.4", "01", "v1.2.3-"],
)
def test_what_npm_reads_as_a_word_is_one(tag: str) -> None:
    assert not is_range(tag)
