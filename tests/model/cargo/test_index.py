"""Pages of a cargo registry's index."""

from __future__ import annotations

import pytest

from piot.model.cargo.index import IndexLine, IndexSettings, lines_on, page_path, prefix


@pytest.mark.parametrize(
    ("name", "path"),
    [("a", "1/a"), ("ab", "2/ab"), ("abc", "3/a/abc"), ("Demo", "de/mo/demo"), ("a_b-c", "a_/b-/a_b-c")],
)
def test_a_page_is_found_by_the_name_in_lower_case(name: str, path: str) -> None:
    assert page_path(name) == path


def test_the_folder_keeps_the_case_that_download_addresses_need() -> None:
    assert prefix("Demo") == "De/mo"


def test_a_line_is_a_version() -> None:
    page = (
        b'{"name":"x","vers":"1.0.0","cksum":"AB","yanked":false}\n'
        b'\n{"name":"x","vers":"1.1.0","cksum":"cd","yanked":true}\n'
    )
    assert lines_on(page) == (
        IndexLine(version="1.0.0", cksum="ab", yanked=False),
        IndexLine(version="1.1.0", cksum="cd", yanked=True),
    )


@pytest.mark.parametrize("page", [b'{"vers":"1.0.0","cksum"', b"<html>", b'{"vers":"1.0.0"}', b"[]", b"1"])
def test_what_is_cut_off_or_something_else_is_no_page(page: bytes) -> None:
    with pytest.raises(ValueError):
        lines_on(page)


def test_the_settings_of_a_registry() -> None:
    assert IndexSettings.parse(b'{"dl":"http://d","api":"http://a/"}') == IndexSettings(
        dl="http://d", api="http://a"
    )
    assert IndexSettings.parse(b'{"dl":"http://d","auth-required":true}').auth_required
    with pytest.raises(ValueError, match="has no dl"):
        IndexSettings.parse(b"[]")
