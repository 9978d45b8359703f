"""The table of piot's own rules says what their files say, and stands for them only while it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from piot.load.builtin_rules import KNOWN
from piot.load.repository import RULES, TOOLCHAINS, read
from piot.load.rule_files import find, schemas
from piot.load.rule_syntax import read_schemas
from piot.model.digest import Digest
from piot.model.label import Label


@pytest.mark.parametrize("label", [*RULES, *TOOLCHAINS], ids=str)
def test_the_table_is_equal_to_the_sources(label: Label) -> None:
    """Run ``scripts/reference`` when this fails."""
    file = find(label, Path(), read)
    assert KNOWN[str(label)] == (file.digest.hash, read_schemas(file.text, label))
    assert schemas(file) is KNOWN[str(label)][1]


def test_the_table_holds_no_other_file() -> None:
    assert set(KNOWN) == {str(label) for label in (*RULES, *TOOLCHAINS)}


def test_a_file_that_was_changed_is_read_itself() -> None:
    file = find(RULES[0], Path(), read)
    text = f"\n{file.text}"
    changed = replace(file, text=text, digest=Digest.of(text.encode()))
    moved = schemas(changed)
    assert moved == read_schemas(text, RULES[0])
    assert moved != schemas(file)
