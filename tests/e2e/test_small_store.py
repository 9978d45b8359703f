"""The store keeps itself under its size, and what went is made again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import SAID, Tiny, tiny_at

pytestmark = pytest.mark.e2e


@pytest.fixture
def tiny(tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]) -> Tiny:
    return tiny_at(tmp_path, installed_piot, environment)


def age(store: Path, hours: int) -> None:
    """Makes everything in the store look as if it was last used that long ago."""
    then = time.time() - hours * 3600
    for folder, _, names in os.walk(store / "store"):
        for name in names:
            os.utime(Path(folder, name), (then, then), follow_symlinks=False)
        os.utime(folder, (then, then))


def size_of(tiny: Tiny) -> int:
    """Bytes, as piot counts them."""
    return int(json.loads(tiny("--json", "cache", "info", ok=True).stdout)["total_bytes"])


def test_a_store_that_has_outgrown_its_size_is_shrunk_and_the_next_build_works(tiny: Tiny) -> None:
    tiny("build", "//...", ok=True)
    before, said = size_of(tiny), tiny.read(SAID)
    limit = before * 2 // 3
    age(tiny.store, hours=5)
    tiny.edit("crates/text/src/lib.rs", "What", "All that")
    tiny("build", "//crates/text:crate", ok=True, PIOT_CACHE_MAX_SIZE=f"{limit}B")
    assert size_of(tiny) <= limit
    assert tiny("cache", "verify", ok=True).stdout.startswith("no problems\n")
    again = tiny("build", "//...", "-v", ok=True)
    assert "//crates/text:crate cargo package  (cached)" in again.stderr  # it was used last
    assert "cargo build  started" in again.stderr
    assert tiny.read(SAID) == said
