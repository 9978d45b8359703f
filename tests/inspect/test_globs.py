"""Patterns of ``include``, ``exclude`` and ``files``, as cargo and npm read them."""

from __future__ import annotations

import pytest

from piot.inspect.checks.globs import ignoring


@pytest.mark.parametrize(
    ("patterns", "path", "matched"),
    [
        (["src"], "src/lib.rs", True),
        (["src"], "a/src/lib.rs", True),
        (["/src"], "a/src/lib.rs", False),
        (["/src/"], "src/a/lib.rs", True),
        (["src/*.rs"], "src/lib.rs", True),
        (["src/*.rs"], "src/a/lib.rs", False),
        (["src/**"], "src/a/lib.rs", True),
        (["./lib"], "lib/a.js", True),
        (["*.bin"], "a/b.bin", True),
        (["dist"], "dist/a.js", True),
        (["*.js", "!a.js"], "b/a.js", False),
        (["."], "a", True),
        (["a"], "ab", False),
    ],
)
def test_a_pattern(patterns: list[str], path: str, matched: bool) -> None:
    assert ignoring(patterns)(path) is matched
