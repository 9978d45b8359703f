"""Integrities of npm packages in piot.lock: a round trip, and every problem with its line."""

from __future__ import annotations

import pytest

from piot.errors import Problems
from piot.model.npm.hashes import NpmHashes
from piot.model.pins import Pins
from piot.model.pins_text import parse_lock, write_lock
from tests.model.npm.test_package_lock import hashed

OF = NpmHashes(path="js/yarn.lock", packages=(("@x/a", "1.0.0", hashed("a")), ("b", "2.0.0", hashed("b"))))
TEXT = f"""
[[npm]]
lock = "js/yarn.lock"
packages = [
    {{ name = "@x/a", version = "1.0.0", integrity = "{hashed("a")}" }},
    {{ name = "b", version = "2.0.0", integrity = "{hashed("b")}" }},
]
"""


def test_what_is_written_is_read_back() -> None:
    pins = Pins(npm=(OF,))
    assert write_lock(pins).endswith(TEXT)
    assert parse_lock(write_lock(pins), "piot.lock") == pins


def test_the_pins_of_one_lock_file_take_the_place_of_its_old_ones() -> None:
    other = NpmHashes(path="b/yarn.lock", packages=())
    new = NpmHashes(path="js/yarn.lock", packages=OF.packages[:1])
    merged = Pins(npm=(new,)).over(Pins(npm=(other, OF)))
    assert merged.npm == (other, new)
    assert merged.hashes("js/yarn.lock") == {("@x/a", "1.0.0"): hashed("a")}
    assert merged.hashes("yarn.lock") == {}


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    text = (
        'version = 1\n[[npm]]\nlock = "y"\nmore = 1\npackages = [\n'
        '  { name = "a", version = "1" },\n'
        '  { name = "a", version = "1", integrity = "md5-abc" },\n]\n'
        '[[npm]]\nlock = "y"\npackages = []\n[[npm]]\n'
    )
    with pytest.raises(Problems) as caught:
        parse_lock(text, "piot.lock")
    assert str(caught.value) == (
        "piot.lock:2:1: PIOT_LOCK_KEY: unknown key more\n"
        "piot.lock:2:1: PIOT_LOCK_VALUE: not a package with name, version and integrity: "
        "{'name': 'a', 'version': '1'}\n"
        "piot.lock:2:1: PIOT_LOCK_VALUE: integrity of a 1 is no hash: 'md5-abc'\n"
        "piot.lock:9:1: PIOT_LOCK_TWICE: the packages of y are pinned twice\n"
        "piot.lock:12:1: PIOT_LOCK_VALUE: an [[npm]] has lock and packages"
    )
