"""The labels of GitHub's machines: which are used unless told, and which are gone or will be.

From GitHub's *About GitHub-hosted runners* and the announcements of actions/runner-images. What builds
for each platform stands in `piot.model.platforms`.
"""

from __future__ import annotations

from typing import NamedTuple

CHECKED = "2026-11-21"
"""When this table was last compared with what GitHub says."""

PLAIN = "ubuntu-latest"
"""The machine for all that is made for no platform in particular."""


class Retired(NamedTuple):
    """The day (RFC 3339) from which jobs on a label fail, and the label that takes its place."""

    day: str
    instead: str


RETIRED: dict[str, Retired] = {
    "macos-11": Retired("2024-06-28", "macos-15-intel"),
    "macos-12": Retired("2024-12-03", "macos-15-intel"),
    "macos-13": Retired("2025-12-04", "macos-15-intel"),
    "macos-14": Retired("2026-11-02", "macos-15"),
    "ubuntu-18.04": Retired("2023-04-03", "ubuntu-24.04"),
    "ubuntu-20.04": Retired("2025-04-15", "ubuntu-24.04"),
    "ubuntu-22.04": Retired("2027-04-17", "ubuntu-24.04"),
    "ubuntu-22.04-arm": Retired("2027-04-17", "ubuntu-24.04-arm"),
    "windows-2016": Retired("2022-04-01", "windows-2025"),
    "windows-2019": Retired("2025-06-30", "windows-2025"),
}


def retired(label: str, today: str) -> Retired | None:
    """What became of a label by ``today`` (``2026-11-21``); None for one that still works, or is not known.

    Labels are compared as GitHub does, without regard to case.
    """
    found = RETIRED.get(label.lower())
    return found if found is not None and found.day <= today else None
