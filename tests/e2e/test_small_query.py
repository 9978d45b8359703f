"""Queries of the installed wheel: the same answer from files and from what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.tiny import tiny_at

pytestmark = pytest.mark.e2e


def test_a_query_is_answered_from_what_is_kept_until_a_file_changes(
    tmp_path: Path, installed_piot: Path, environment: Mapping[str, str]
) -> None:
    tiny = tiny_at(tmp_path, installed_piot, environment)
    for _ in range(2):
        found = tiny("query", "//crates/cli", "--output", "label_kind", ok=True)
        assert (found.stdout, found.stderr) == (
            "rust_binary //crates/cli:cli\ncommand //crates/cli:said\ntest //crates/cli:smoke\n",
            "",
        )
    assert json.loads(tiny("query", "owner(shared/names.txt)", "--json", ok=True).stdout)["targets"]
    tiny.edit("crates/cli/BUILD", 'name = "smoke"', 'name = "puff"')
    now = tiny("query", "//crates/cli", ok=True).stdout
    assert now == "//crates/cli:cli\n//crates/cli:puff\n//crates/cli:said\n"
