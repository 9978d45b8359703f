"""Releases by hand: the grammar below table 11.5, which has no ids; these are counted."""

from __future__ import annotations

import pytest

from piot.errors import UsageError
from piot.model.release.bump_spec import parse_bump
from tests.conformance.cases import Case, case_id

NAMES = ("a", "b", "py/foo")

SPECS: tuple[tuple[Case, str, str | None], ...] = (
    (Case("B01"), "a,", None),
    (Case("B02"), ",a", None),
    (Case("B03"), "a,,b", None),
    (Case("B04"), "a,a", None),
    (Case("B05"), "a@", None),
    (Case("B06"), "a@v1.0.0", None),
    (Case("B07"), "a@1.0", None),
    (Case("B08", "≠", "pre-releases are versions"), "a@1.0.0-rc.1", "1.0.0-rc.1"),
    (Case("B09"), "a@skip", None),
    (Case("B10"), "a@Minor", None),
    (Case("B11"), "a @minor", None),
    (Case("B12"), "a@ minor", "minor"),
    (Case("B13"), "a@1.2.3@4", None),
    (Case("B14"), "-a", None),
    (Case("B15", "≠", "names with a slash work"), "py/foo", "patch"),
)
"""A specification, and what the package that it names gets; None for an error."""

CASES = tuple(case for case, *_ in SPECS)


@pytest.mark.parametrize(("case", "spec", "expected"), SPECS, ids=case_id)
def test_a_specification_asks_for(case: Case, spec: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(UsageError):
            parse_bump(spec, NAMES)
    else:
        ((_, wanted),) = parse_bump(spec, NAMES).packages
        assert str(wanted) == expected, case
