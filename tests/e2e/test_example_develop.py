"""piot develop on the example: a compiled module in the environment, Python sources in the checkout."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.e2e.conftest import Piot, run
from tests.e2e.tiny import GLIBC

pytestmark = pytest.mark.e2e

CODE = "import rakelet; print(rakelet.__file__, rakelet._core.__file__, rakelet.keywords('a build graph')[0])"


def test_the_example_is_developed_in_its_environment(
    piot: Piot, polyglot: Path, environment: Mapping[str, str]
) -> None:
    run(sys.executable, "-m", "venv", "--without-pip", ".venv", cwd=polyglot, env=environment)
    words = ("develop", "rakelet-py")
    first = piot(*words, cwd=polyglot, env={"PIOT_GLIBC": GLIBC})
    said = "rakelet 0.1.0 into .venv; Python sources are used from packages/python/python"
    assert (first.stdout, first.stderr.splitlines()[-1]) == ("", f"✓ installed {said}")
    used = run(polyglot / ".venv/bin/python", "-c", CODE, cwd=polyglot, env=environment)
    sources, module, found = used.stdout.strip().split(" ", 2)
    assert Path(sources) == polyglot / "packages/python/python/rakelet/__init__.py"
    assert Path(module).is_relative_to(polyglot / ".venv")
    assert found == "Keyword(phrase='build graph', score=4.0)"
    assert list((polyglot / "packages").rglob("*.so")) == []
    again = piot(*words, cwd=polyglot, env={"PIOT_GLIBC": GLIBC})
    assert (again.ran, again.stderr.splitlines()[-1]) == (
        [],
        "✓ rakelet 0.1.0 is in .venv already; Python sources are used from packages/python/python",
    )
