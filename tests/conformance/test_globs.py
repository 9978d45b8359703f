"""Globs: the cases of table 11.4."""

from __future__ import annotations

import pytest

from piot.errors import InputError
from piot.model.globs import Globs
from tests.conformance.cases import Case, case_id

BELOW = "packages/python/**/*.py"
ERROR = "an error: it takes away where nothing was added"

GLOBS: tuple[tuple[Case, str, str, bool | None], ...] = (
    (Case("P01"), BELOW, "packages/python/a.py", True),
    (Case("P02"), BELOW, "packages/python/x/y/a.py", True),
    (Case("P03"), BELOW, "packages/python/a.rs", False),
    (Case("P04"), "Cargo.lock", "Cargo.lock", True),
    (Case("P05"), "Cargo.lock", "sub/Cargo.lock", False),
    (Case("P06"), "**/Cargo.toml", "Cargo.toml", True),
    (Case("P07"), "**/*.yml", ".github/workflows/ci.yml", True),
    (Case("P08"), "src/**", "src/a.ts", True),
    (Case("P09"), "src/**", "src", False),
    (Case("P10", "≠", "a trailing / means everything below"), "src/", "src/a.ts", True),
    (Case("P11", "≠", "a leading ./ means nothing"), "./src/**", "src/a.ts", True),
    (Case("P12", "≠", "an error: patterns are relative to the root"), "/src/**", "src/a", None),
    (Case("P13", "≠", ERROR), "!src/**", "lib/x", None),
    (Case("P14", "≠", ERROR), "!src/**", "src/x", None),
    (Case("P15"), "src/*.rs", "src/a/b.rs", False),
    (Case("P16"), "*.md", "docs/a.md", False),
    (Case("P17"), "{src,lib}/**", "lib/a", True),
    (Case("P18"), "src/?.rs", "src/a.rs", True),
    (Case("P19"), "src/[ab].rs", "src/c.rs", False),
    (Case("P20"), "#x/**", "#x/a", True),
    (Case("P21"), "**", ".hidden/x", True),
    (Case("P22"), "crates/**", "crates/a/.cargo/config.toml", True),
    (Case("P23"), "SRC/**", "src/a", False),
    (Case("P24"), "src/**/test.py", "src/test.py", True),
    (Case("P25"), "**/src/**", "a/src/b/c", True),
    (Case("P26"), "pkg", "pkg/a.py", False),
    (Case("P27"), "*", ".env", True),
    (Case("P27"), "*", "a/b", False),
)
"""A pattern, a path and whether it matches; None for an error."""

CASES = tuple(dict.fromkeys(case for case, *_ in GLOBS))


@pytest.mark.parametrize(("case", "glob", "path", "expected"), GLOBS, ids=case_id)
def test_a_pattern_matches(case: Case, glob: str, path: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(InputError):
            Globs.parse([glob])
    else:
        assert Globs.parse([glob]).matches(path) is expected, case
