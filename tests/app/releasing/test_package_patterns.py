"""Which packages patterns choose."""

from __future__ import annotations

import pytest

from piot.app.releasing.package_patterns import choose_packages
from piot.errors import UsageError
from piot.model.package import CratesSettings, Package

PATHS = {"core": "core", "a": "both", "b": "both", "top": "."}
PACKAGES = [
    Package(name=name, kind="crates", path=path, paths=(), settings=CratesSettings(crate=name))
    for name, path in PATHS.items()
]


@pytest.mark.parametrize(
    ("patterns", "folder", "found"),
    [
        ([], "", "a b core top"),
        (["core"], "", "core"),
        (["//core:publish"], "", "core"),
        ([":publish"], "core", "core"),
        (["//:publish"], "", "top"),
        (["//both:a-publish"], "", "a"),
        (["//both"], "", "a b"),
        (["//both:all", "-//both:b-publish"], "", "a"),
        (["-//both/..."], "", "core top"),
    ],
)
def test_names_folders_and_publish_nodes_choose_packages(
    patterns: list[str], folder: str, found: str
) -> None:
    assert " ".join(sorted(choose_packages(patterns, PACKAGES, folder))) == found


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("cor", 'no package matches cor\n\nhint: did you mean "core"?'),
        (
            "//core:crate",
            "no package matches //core:crate\n\nhint: see the names and paths in putitoutthere.toml",
        ),
        ("//both:publish", 'no package matches //both:publish\n\nhint: did you mean "//both:b-publish"?'),
    ],
)
def test_what_chooses_nothing_is_an_error(pattern: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose_packages([pattern], PACKAGES)
    assert str(caught.value) == text
