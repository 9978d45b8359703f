"""Secrets taken out of what a run says."""

from __future__ import annotations

import base64
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from piot.model.secrets import Secrets


def test_a_secret_is_replaced_by_a_mark_of_its_own() -> None:
    secrets = Secrets()
    secrets.add("hunter2 and more")
    assert secrets.clean("it is hunter2 and more!") == "it is [REDACTED:d06e08ed]!"


def test_of_two_secrets_that_begin_alike_the_longer_goes_first() -> None:
    secrets = Secrets()
    secrets.add("secret")
    secrets.add("secret-longer")
    cleaned = secrets.clean("secret-longer secret")
    assert "longer" not in cleaned
    assert cleaned.count("[REDACTED:") == 2


def test_what_is_none_or_would_be_found_anywhere_is_left_alone() -> None:
    secrets = Secrets()
    secrets.add(None)
    secrets.add("abc")
    assert secrets.clean("abc") == "abc"


@given(st.text(min_size=8, max_size=40), st.text(max_size=5), st.text(max_size=5))
def test_no_form_of_a_secret_survives(secret: str, before: str, after: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    encoded = base64.b64encode(f"{before}{secret}{after}".encode()).decode()
    for text in (secret, quote(secret, safe=""), encoded):
        cleaned = secrets.clean(f"[{text}]")
        assert "[REDACTED:" in cleaned
        assert secret not in cleaned or secret in "[REDACTED:]"
