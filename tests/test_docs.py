"""The documentation points to what exists."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")])


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


def test_the_index_names_every_page_but_the_decisions() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path for path in PAGES if path.is_relative_to(ROOT / "docs") and path.name != "README.md"]
    names = [path.relative_to(ROOT / "docs").as_posix() for path in pages if path.parent.name != "decisions"]
    assert [name for name in names if f"({name})" not in index] == []


@pytest.mark.skipif(os.name == "nt", reason="no executable bits")
def test_the_two_commands_on_the_first_screen_can_be_run() -> None:
    screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25]
    commands = [line.split()[0] for line in screen if line.startswith("    scripts/")]
    assert commands == ["scripts/demo", "scripts/test"]
    assert all(os.access(ROOT / command, os.X_OK) for command in (*commands, ".ci/run"))


def test_fragments_of_the_changelog_are_one_line_of_a_known_kind() -> None:
    for path in (ROOT / "changelog.d").glob("*.*.md"):
        assert path.name.split(".")[-2] in {"breaking", "added", "changed", "fixed"}, path.name
        assert len(path.read_text(encoding="utf-8").splitlines()) == 1, path.name
