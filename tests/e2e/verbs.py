"""What tests of single verbs share: a small repository of which all is built, and the schemas of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import validate

from tests.e2e.conftest import ROOT, Result
from tests.e2e.tiny import Tiny, tiny_at

SCHEMAS = ROOT / "docs/reference/schemas"

_SIZE = re.compile(r"\b\d+(\.\d)? (B|kB|MB|GB)\b")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


def built_tiny(folder: Path, program: Path, environment: Mapping[str, str]) -> Tiny:
    """A copy in which everything was built and tested by builds 1 and 2."""
    tiny = tiny_at(folder, program, environment, PIOT_SANDBOX="dir")
    tiny("build", "//...", ok=True)
    tiny("test", "//...", ok=True)
    return tiny


def fitting(schema: str, result: Result) -> Any:
    """The one JSON object on stdout, which fits the published schema of that name."""
    assert result.stdout.count("\n") == 1, result.text
    found = json.loads(result.stdout)
    must_fit(schema, found)
    return found


def must_fit(schema: str, value: object) -> None:
    """Holds a value against the published schema of that name."""
    validate(value, json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8")))


def told(tiny: Tiny, result: Result) -> tuple[int, str, str]:
    """Exit code, stdout and stderr; besides ``plain``, SIZE and SHA256 for what depends on the machine."""
    texts = (tiny.plain(text) for text in (result.stdout, result.stderr))
    out, err = (_DIGEST.sub("SHA256", _SIZE.sub("SIZE", text)) for text in texts)
    return result.code, out, err
