"""What a token of PyPI says that it may upload."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.inspect.doctor.macaroon import scope
from tests.support.tokens import macaroon

UNKNOWN = "projects of its user"


@pytest.mark.parametrize(
    ("caveats", "said"),
    [
        ([[1, ["demo"]]], "project demo"),
        ([[3, "user-id"], [1, ["a", "b"]]], "projects a, b"),
        ([[1, ["x" * 200]]], f"project {'x' * 200}"),
        ([[3, "user-id"]], "every project of its user"),
        ([[4, "publisher-id"], [0, 1, 2]], "projects of a trusted publisher (short-lived)"),
        ([{"version": 1, "permissions": "user"}], "every project of its user"),
        ([{"version": 1, "permissions": {"projects": ["demo"]}}], "project demo"),
        ([[2, ["id"]]], UNKNOWN),
        ([[], "x", None, [1]], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_the_caveats_say_what_it_covers(caveats: list[object], said: str) -> None:
    assert scope(macaroon(*caveats)) == said


@given(st.binary(max_size=40))
def test_other_bytes_say_nothing(data: bytes) -> None:
    assert scope("pypi-" + base64.urlsafe_b64encode(b"\x02" + data).decode()) == UNKNOWN
    assert scope("pypi-" + base64.urlsafe_b64encode(data).decode()) == UNKNOWN


@pytest.mark.parametrize(
    "token", ["", "pypi-", "pypi-AgE", "pypi-é", "hunter2", macaroon([1, ["demo"]])[:-50]]
)
def test_what_is_cut_or_no_token_says_nothing_or_what_is_left(token: str) -> None:
    assert scope(token) in (UNKNOWN, "project demo")
