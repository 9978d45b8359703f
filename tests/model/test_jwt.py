"""What identity tokens say of themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from piot.model.jwt import claims_of
from tests.support.tokens import jwt


def test_a_token_tells_its_claims() -> None:
    assert claims_of(jwt(aud="pypi", n=1)).items() >= {("aud", "pypi"), ("n", 1)}


@given(st.text(alphabet=st.sampled_from("ab.=-_é{}\0")) | st.just("a.bnVsbA.c") | st.just("a.é.b"))
def test_what_is_no_token_has_no_claims(text: str) -> None:
    assert claims_of(text) == {}
