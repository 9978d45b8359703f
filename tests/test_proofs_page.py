"""The page of proofs shows messages that tests expect, word for word."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs/reference/proofs.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^\|[^|]*\|[^|]*\| `(.+)` \|$", PAGE, re.MULTILINE)


@cache
def expected() -> frozenset[str]:
    """Every text in the tests of proofs, as Python puts its parts together."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in (TESTS / "run/verify").glob("*.py"))
    texts = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(text for text in texts if isinstance(text, str))


def test_every_row_of_the_page_has_a_message() -> None:
    assert len(MESSAGES) == PAGE.count("\n|") - 2


@pytest.mark.parametrize("message", MESSAGES)
def test_a_test_breaks_something_and_expects_the_message(message: str) -> None:
    assert any(message in text for text in expected())
