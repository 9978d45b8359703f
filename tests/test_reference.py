"""The generated pages of the reference are what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages as ``scripts/reference`` writes them now."""
    folder = tmp_path_factory.mktemp("reference")
    subprocess.run([sys.executable, str(ROOT / "scripts" / "reference"), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("page", ["cli.md", "platforms.md", "rules.md"])
def test_the_page_is_up_to_date(written: Path, page: str) -> None:
    """Run ``scripts/reference`` when this fails."""
    committed = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert committed == (written / page).read_text(encoding="utf-8")
