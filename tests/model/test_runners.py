"""The table of GitHub's labels."""

from __future__ import annotations

import re

from piot.model.platforms import PLATFORMS
from piot.model.runners import CHECKED, PLAIN, RETIRED, retired


def test_no_default_is_gone() -> None:
    defaults = {
        PLAIN,
        *(row.runner for row in PLATFORMS.values()),
        *(row.native_runner for row in PLATFORMS.values()),
    }
    assert {label for label in defaults if label and retired(label, CHECKED)} == set()


def test_what_takes_the_place_of_a_label_is_there() -> None:
    assert [each for each in RETIRED.values() if retired(each.instead, CHECKED)] == []


def test_days_can_be_compared_as_text() -> None:
    days = [CHECKED, *(each.day for each in RETIRED.values())]
    assert [day for day in days if not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day)] == []


def test_a_label_works_until_its_day_in_any_case() -> None:
    assert retired("Ubuntu-22.04", "2027-04-16") is None
    found = retired("Ubuntu-22.04", "2027-04-17")
    assert found is not None
    assert found.instead == "ubuntu-24.04"
    assert retired("self-hosted", "2099-01-01") is None
