"""Where a crate lies in a registry."""

from __future__ import annotations

import pytest

from piot.model.cargo.index import prefix
from piot.model.fetch import CrateFetch
from piot.run.fetch.crates import download_url

SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("dl", "url"),
    [
        ("https://r.example/dl", "https://r.example/dl/MyCrate/1.2.3/download"),
        ("https://r.example/{crate}/{version}", "https://r.example/MyCrate/1.2.3"),
        ("https://r.example/{prefix}/x", "https://r.example/My/Cr/x"),
        ("https://r.example/{lowerprefix}/{crate}", "https://r.example/my/cr/MyCrate"),
        ("https://r.example/{sha256-checksum}", f"https://r.example/{SHA256}"),
    ],
)
def test_the_template_of_a_registry_is_filled(dl: str, url: str) -> None:
    spec = CrateFetch(name="MyCrate", version="1.2.3", sha256=SHA256, registry="registry+https://r.example")
    assert download_url(dl, spec) == url


@pytest.mark.parametrize(
    ("name", "folder"), [("a", "1"), ("ab", "2"), ("abc", "3/a"), ("abcd", "ab/cd"), ("cargo-x", "ca/rg")]
)
def test_an_index_has_a_folder_for_every_name(name: str, folder: str) -> None:
    assert prefix(name) == folder
