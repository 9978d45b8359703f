"""Secrets taken out of what a run says."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.errors import MachineError
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


def test_every_secret_is_told_once_and_before_anything_else() -> None:
    told: list[str] = []
    secrets = Secrets(told.append)
    secrets.guess({"MY_PAT": "of a person"})
    for value in ("a token", "a token", "abc", None):
        secrets.add(value)
    assert told == ["a token"], "what is only guessed may be a word of the log"


GUESSED = [
    ("GITHUB_TOKEN", "value-of-it", True),
    ("MY_PAT", "value-of-it", True),
    ("API_KEY", "value-of-it", True),
    ("DB_PASSWORD", "value-of-it", True),
    ("AWS_ACCESS_KEY_ID", "value-of-it", True),
    ("PASSPHRASE", "value-of-it", True),
    ("CREDENTIALS", "value-of-it", True),
    ("SHORT_TOKEN", "7-chars", True),
    ("PATTERN", "value-of-it", False),
    ("TOKENIZER", "value-of-it", False),
    ("KEYBOARD", "value-of-it", False),
    ("SIGNING_KEY", "/etc/keys/signing", False),
    ("KEY_COUNT", "100000000", False),
    ("USE_TOKEN", "true", False),
]


@pytest.mark.parametrize(("name", "value", "secret"), GUESSED)
def test_the_name_of_a_variable_says_whether_it_is_a_secret(name: str, value: str, *, secret: bool) -> None:
    secrets = Secrets()
    secrets.guess({name: value})
    assert ("[REDACTED:" in secrets.clean(f"got {value}!")) == secret


def test_no_error_leaves_with_a_secret() -> None:
    secrets = Secrets()
    secrets.add("hunter2")
    with pytest.raises(MachineError) as caught, secrets.kept():
        raise MachineError("bad hunter2", hint="not hunter2")
    assert "hunter2" not in f"{caught.value} {caught.value.args} {caught.value.hint}"
    assert str(caught.value).startswith("bad [REDACTED:")
