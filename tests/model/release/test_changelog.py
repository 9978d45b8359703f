"""A section for a release: where it goes, what it says, and that old text stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.model.release.changelog import Release, with_release

ONE = Release(
    name="",
    version="1.3.0",
    date="2026-11-30",
    subjects=("feat(api): a new door", "Walls are thicker", "fix!: the roof", "Walls are thicker"),
)
SECTION = """\
## [1.3.0] - 2026-11-30

### Added

- A new door

### Changed

- Walls are thicker

### Fixed

- **Breaking:** The roof
"""
OLD = "## [1.2.0] - 2026-01-01\n\n- Old\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"# Changelog\n\n{SECTION}"),
        ("", f"# Changelog\n\n{SECTION}"),
        ("# Changes\n\nIntroduction.\n", f"# Changes\n\nIntroduction.\n\n{SECTION}"),
        (f"# Changelog\n\n{OLD}", f"# Changelog\n\n{SECTION}\n{OLD}"),
        (OLD, f"{SECTION}\n{OLD}"),
        (f"# C\n\n## [Unreleased]\n\n{OLD}", f"# C\n\n## [Unreleased]\n\n{SECTION}\n{OLD}"),
        ("# C\n\n## Unreleased\n", f"# C\n\n## Unreleased\n\n{SECTION}"),
    ],
)
def test_the_section_stands_above_the_older_ones(before: str | None, after: str) -> None:
    assert with_release(before, ONE) == after


def test_what_a_person_wrote_for_it_becomes_its_text() -> None:
    before = f"# C\n\n## [Unreleased]\n\n### Added\n\n- By hand\n\n{OLD}"
    after = f"# C\n\n## [Unreleased]\n\n## [1.3.0] - 2026-11-30\n\n### Added\n\n- By hand\n\n{OLD}"
    assert with_release(before, ONE) == after


def test_in_a_file_of_several_packages_the_heading_has_a_name_and_unreleased_stays() -> None:
    release = Release(name="core", version="1.3.0", date="2026-11-30", subjects=("x",))
    before = f"# C\n\n## Unreleased\n\n- Somebody's\n\n{OLD}"
    section = "## [core 1.3.0] - 2026-11-30\n\n### Changed\n\n- x\n"
    assert with_release(before, release) == f"# C\n\n## Unreleased\n\n- Somebody's\n\n{section}\n{OLD}"


@pytest.mark.parametrize(
    "heading",
    ["## [1.3.0] - 2025-01-01", "## 1.3.0", "## v1.3.0 (today)", "##  [v1.3.0]", "## [1.3.0](https://x) - x"],
)
def test_a_version_that_has_a_section_keeps_it(heading: str) -> None:
    text = f"# C\n\n{heading}\n\n- Written\n"
    assert with_release(text, ONE) == text


@pytest.mark.parametrize("heading", ["## [1.3.0-rc.1] - x", "## 11.3.0", "## [core 1.3.0]", "### 1.3.0"])
def test_other_headings_are_of_other_releases(heading: str) -> None:
    release = Release(name="cli", version="1.3.0", date="d", subjects=("x",))
    text = f"# C\n\n{heading}\n"
    assert "## [cli 1.3.0] - d\n" in with_release(text, release)


def test_what_is_not_a_commit_stands_among_the_changes() -> None:
    release = Release(name="", version="1.0.1", date="d", subjects=(), others=("Update of core to 1.3.0",))
    assert with_release(None, release) == (
        "# Changelog\n\n## [1.0.1] - d\n\n### Changed\n\n- Update of core to 1.3.0\n"
    )


def test_line_endings_stay_what_they_are() -> None:
    text = f"# C\n\n{OLD}".replace("\n", "\r\n")
    found = with_release(text, ONE)
    assert found == f"# C\n\n{SECTION}\n{OLD}".replace("\n", "\r\n")


LINES = st.sampled_from(
    [
        "# Changelog",
        "## [Unreleased]",
        "## [1.2.0] - x",
        "## 1.1.0",
        "- a",
        "",
        "### Added",
        "é",
        "## [1.3.0]",
    ]
)


def joined(lines: list[str], end: str, last: bool) -> str:
    return end.join(lines) + (end if last else "")


TEXTS = st.builds(joined, st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]), st.booleans())
NAMES = st.sampled_from(["", "core"])


@given(TEXTS, NAMES, st.lists(st.text("ab: !()featfix", min_size=1).map(str.strip).filter(bool), max_size=4))
def test_doing_it_twice_changes_nothing_and_no_old_line_is_lost(
    text: str, name: str, subjects: list[str]
) -> None:
    release = Release(name=name, version="1.3.0", date="2026-11-30", subjects=tuple(subjects))
    once = with_release(text, release)
    assert with_release(once, release) == once
    left = iter(once.splitlines())
    assert all(line in left for line in text.splitlines() if line)
