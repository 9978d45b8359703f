"""Amounts as people read them."""

from __future__ import annotations

import pytest

from piot.model.amounts import size


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
