"""The reference of codes has a line for every code in the source, and no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

from piot.load.config import ENVIRONMENT
from piot.load.config_reader import Code
from piot.run.launcher import FILES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/reference/codes.md").read_text(encoding="utf-8")

LAUNCHER = (ROOT / "piot/effects/windows_launch.py").read_text(encoding="utf-8")
VARIABLES = {*ENVIRONMENT, "PIOT_CONFIG", FILES, *re.findall(r"PIOT_[A-Z]+", LAUNCHER)}
"""Names of environment variables; ``PIOT_GLIBC`` is a code too."""


def codes() -> set[str]:
    """Every text constant of the source that is spelled like a code, but for variables that are set."""
    nodes = [
        node
        for folder in ("piot", "rules", "toolchains")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    ]
    keys = {id(node.slice) for node in nodes if isinstance(node, ast.Subscript)}
    values = (node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in keys)
    found = {value for value in values if isinstance(value, str) and re.fullmatch(r"PIOT(_[A-Z]+)+", value)}
    return found - VARIABLES | set(get_args(Code))


def test_every_code_of_the_source_is_in_the_reference_once() -> None:
    rows = re.findall(r"^\| `(PIOT_\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(codes())


def test_the_codes_of_each_part_are_in_alphabetical_order() -> None:
    for part in PAGE.split("\n## ")[1:]:
        rows = re.findall(r"^\| `(PIOT_\w+)`", part, re.MULTILINE)
        assert rows == sorted(rows)
