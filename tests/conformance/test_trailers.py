"""Trailers of commit messages: the cases of table 11.1."""

from __future__ import annotations

import pytest

from piot.model.release.trailer import Malformed, parse_trailers
from tests.conformance.cases import Case, case_id

TRAILERS = (
    (Case("T01"), "feat: x\n\nrelease: minor", "minor"),
    (Case("T02"), "x\n\nRELEASE:   patch  ", "patch"),
    (Case("T03"), "x\n\nRelease: skip", "skip"),
    (Case("T04"), "x\n\nrelease: minor [a, b]", "minor[a,b]"),
    (Case("T05"), "x\n\nrelease: minor [ a , b ]", "minor[a,b]"),
    (Case("T06"), "x\n\nrelease: minor[a]", "minor[a]"),
    (Case("T07"), "x\n\nrelease: minor []", "minor"),
    (Case("T08"), "x\n\nrelease: minor [a, a]", "minor[a]"),
    (Case("T09", "≠", "skips a only, and only for its own commit"), "x\n\nrelease: skip [a]", "skip[a]"),
    (
        Case("T10", "≠", "an error that quotes what stands after the names"),
        "x\n\nrelease: minor [a] trailing",
        None,
    ),
    (Case("T11", "≠", "an error: a name is empty"), "x\n\nrelease: minor [a,,b]", None),
    (Case("T12", "≠", "an error: a name is empty"), "x\n\nrelease: minor [a,]", None),
    (Case("T13", "≠", "an error: names are separated by commas"), "x\n\nrelease: minor [a b]", None),
    (Case("T14", "≠", "an error: no package can be called so"), "x\n\nrelease: minor [-a]", None),
    (Case("T15"), "x\n\nrelease: minor [a.b_c-d]", "minor[a.b_c-d]"),
    (Case("T16", "≠", "scoped names work"), "x\n\nrelease: minor [@my/core]", "minor[@my/core]"),
    (Case("T17", "≠", "names with a slash work"), "x\n\nrelease: minor [py/foo]", "minor[py/foo]"),
    (Case("T18", "≠", "an error that lists what can be said"), "x\n\nrelease: banana", None),
    (
        Case("T19", "≠", "case does not matter in words, as it does not in the key"),
        "x\n\nrelease: Minor",
        "minor",
    ),
    (Case("T20", "≠", "an error: it does not say how much changes"), "x\n\nrelease:", None),
    (Case("T21", "≠", "an error: it does not say how much changes"), "x\n\nrelease: [a]", None),
    (Case("T22", "≠", "an error"), "x\n\nrelease: minor, patch", None),
    (Case("T23"), "x\n\nrelease: patch\nrelease: major", "major"),
    (
        Case("T24", "≠", "an error, and the line that can be read counts"),
        "x\n\nrelease: minor\nrelease: banana",
        None,
    ),
    (Case("T25"), "x\n\nrelease : minor", "minor"),
    (Case("T26"), "x\n\nrelease:minor", "minor"),
    (Case("T27"), "x\n\n  release: minor", "minor"),
    (Case("T28"), "x\n\n> release: minor", ""),
    (Case("T29"), "x\n\n- release: minor", ""),
    (Case("T30"), "x\n\nreleases: minor", ""),
    (Case("T31"), "release: minor", "minor"),
    (Case("T32"), "x\n\nrelease: minor\n\nCo-authored-by: a <a@b>", "minor"),
    (Case("T33"), "x\r\n\r\nrelease: patch [a]\r\n", "patch[a]"),
    (Case("T34"), "x", ""),
)
"""A message and what it says: "" for nothing, None for a line that is an error."""

CASES = tuple(case for case, _, _ in TRAILERS)


@pytest.mark.parametrize(("case", "message", "expected"), TRAILERS, ids=case_id)
def test_a_message_says(case: Case, message: str, expected: str | None) -> None:
    found = parse_trailers(message)
    if expected is None:
        assert any(isinstance(line, Malformed) and line.message and line.fix for line in found), case
    else:
        assert not any(isinstance(line, Malformed) for line in found)
        assert (str(found[-1]) if found else "").replace(" ", "") == expected
