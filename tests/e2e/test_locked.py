"""What Cargo.lock pins is what is built, although cargo is not called with ``--locked`` (decision 1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import tiny_at

pytestmark = pytest.mark.e2e


def test_a_crate_that_the_lock_file_does_not_pin_is_never_chosen(
    tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]
) -> None:
    tiny = tiny_at(tmp_path, installed_piot, environment)
    lock = tiny.read("Cargo.lock")
    tiny.write("crates/cli/Cargo.toml", tiny.read("crates/cli/Cargo.toml") + 'cfg-if = "1"\n')
    tiny.write(
        "crates/text/Cargo.toml", tiny.read("crates/text/Cargo.toml") + '[dependencies]\nlog = "0.4"\n'
    )
    failed = tiny("build", "//crates/cli:cli", ok=False)
    assert failed.code == 3
    assert failed.stderr == (
        "crates/cli/BUILD:1:1: PIOT_RULE: //crates/cli:cli: Cargo.lock is out of date: "
        "crates/cli/Cargo.toml asks for cfg-if 1; crates/text/Cargo.toml asks for log 0.4\n"
        "    hint: run `cargo update --workspace`, and commit the file\n\n"
        "error: 1 problem found\n"
    )
    assert failed.ran == []
    assert tiny.read("Cargo.lock") == lock
