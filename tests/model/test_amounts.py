"""Amounts as people read them."""

from __future__ import annotations

import pytest

from piot.model.amounts import bytes_of, size


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (71_240_000, "71.2 MB"),
        (999_960_000, "1.0 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes_have_a_fitting_unit(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("512", 512),
        ("3B", 3),
        ("1.5 kB", 1500),
        ("20GB", 20 * 10**9),
        ("20GiB", 20 * 2**30),
        ("20G", 20 * 2**30),
        ("1t", 2**40),
        ("20iB", None),
        ("GB", None),
        ("-1", None),
        ("1e3", None),
        ("20 gigs", None),
        ("", None),
    ],
)
def test_a_size_that_people_write_is_a_number_of_bytes(text: str, count: int | None) -> None:
    assert bytes_of(text) == count
