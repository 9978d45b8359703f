"""Which release an archive belongs to, and what a release's text tells a later run."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.model.release.forge import Asset, Wanted, assigned, run_of

TAGS = {
    "core-v1.0.0": (("core", "1.0.0"),),
    "core-cli-v1.0.0": (("core-cli", "1.0.0"),),
    "py-v2.0.0rc1": (("py", "2.0.0-rc.1"), ("py", "2.0.0rc1")),
}


@pytest.mark.parametrize(
    ("file", "tag"),
    [
        ("core-1.0.0-x86_64-unknown-linux-gnu.tar.gz", "core-v1.0.0"),
        ("core-cli-1.0.0-x86_64-unknown-linux-gnu.tar.gz", "core-cli-v1.0.0"),
        ("py-2.0.0rc1-any.zip", "py-v2.0.0rc1"),
        ("tool-2.0.0-rc.1-any.zip", "py-v2.0.0rc1"),
        ("tool-1.0.0-any.zip", None),
        ("core-1.0.0-rc.1-any.zip", None),
        ("core-1.0.01-any.zip", None),
        ("core-9.0.0-any.zip", None),
    ],
)
def test_an_archive_is_of_the_tag_that_its_name_tells(file: str, tag: str | None) -> None:
    asset = Asset(name=file, path=Path(file), sha256="0")
    assert assigned([asset], TAGS) == {tag: (asset,)}


def test_the_run_is_read_back_from_the_text_of_a_release() -> None:
    wanted = Wanted(tag="v1.0.0", notes="- One", prerelease=False)
    assert run_of(wanted.body) is None
    assert run_of(Wanted(tag="v1.0.0", notes="- One", prerelease=False, run="4711").body) == "4711"
