"""What a registry of npm tells about a package."""

from __future__ import annotations

import json

import pytest

from piot.model.npm.packument import Packument, PublishedVersion, escaped, tarball_name


def test_versions_have_the_integrity_that_npm_writes() -> None:
    said = {
        "name": "x",
        "dist-tags": {"latest": "1.0.0"},
        "versions": {
            "1.0.0": {"dist": {"integrity": "sha1-a sha512-b", "tarball": "http://r/x-1.0.0.tgz"}},
            "0.1.0": {"dist": {"shasum": "00"}},
        },
    }
    assert Packument.parse(json.dumps(said).encode()) == Packument(
        versions=(
            PublishedVersion(version="1.0.0", integrity="sha512-b", tarball="http://r/x-1.0.0.tgz"),
            PublishedVersion(version="0.1.0", integrity=None),
        ),
        tags=(("latest", "1.0.0"),),
    )


@pytest.mark.parametrize(
    "times",
    [
        {"created": "2026-01-01", "modified": "2026-01-02", "1.0.0": "2026-01-01", "1.1.0": "2026-01-02"},
        {"created": "2026-01-01", "unpublished": {"versions": ["1.1.0", "1.0.0"]}},
    ],
)
def test_a_version_that_once_was_is_withdrawn(times: dict[str, object]) -> None:
    said: dict[str, object] = {"versions": {"1.0.0": {}}, "time": times}
    assert Packument.parse(json.dumps(said).encode()).withdrawn == ("1.1.0",)


@pytest.mark.parametrize("data", [b'{"versions": {"1.0', b"[]", b"<html>"])
def test_what_is_cut_off_or_something_else_is_no_packument(data: bytes) -> None:
    with pytest.raises(ValueError):
        Packument.parse(data)


def test_the_slash_of_a_scope_is_escaped_as_npm_does() -> None:
    assert (escaped("@x/n"), escaped("plain.js")) == ("@x%2fn", "plain.js")
    assert tarball_name("@x/n", "1.0.0") == "n-1.0.0.tgz"
