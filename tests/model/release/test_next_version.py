"""What a build that is no release is called."""

from __future__ import annotations

import pytest

from piot.model.package import Package, PypiSettings
from piot.model.release.next_version import unreleased


def package(name: str, tag_format: str = "{name}-v{version}") -> Package:
    return Package(
        name=name,
        kind="pypi",
        path="p",
        paths=("p/**",),
        settings=PypiSettings(pypi="p"),
        first_version="0.3.0",
        tag_format=tag_format,
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], "0.3.0.dev0"),
        (["p-v1.2.3"], "1.2.4.dev0"),
        (["p-v1.2.9", "p-v1.2.10", "p-v1.0.99"], "1.2.11.dev0"),
        (["p-v1.2.3-rc.1", "p-v01.2.3", "xp-v9.9.9", "p-v9.9.9x", "v9.9.9"], "0.3.0.dev0"),
    ],
)
def test_the_patch_after_the_highest_release_comes_next(tags: list[str], expected: str) -> None:
    assert unreleased(package("p"), tags) == expected


def test_tags_are_read_as_the_package_writes_them() -> None:
    assert unreleased(package("a.b", "{version}+{name}"), ["1.0.0+aXb", "0.9.0+a.b"]) == "0.9.1.dev0"
