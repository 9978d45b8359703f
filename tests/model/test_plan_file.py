"""A release plan read back."""

from __future__ import annotations

import json

import pytest

from piot.errors import InputError
from piot.model.plan_file import parse_plan

ROW = {"name": "core", "version": "1.0.0", "tag": "core-v1.0.0", "previous": "0.9.0", "bump": "major"}


def test_a_plan_says_what_is_released_from_which_commit() -> None:
    plan = parse_plan(json.dumps({"schema": 1, "commit": "c0ffee", "packages": [ROW]}).encode(), "plan.json")
    (core,) = plan.packages
    assert (plan.commit, plan.versions) == ("c0ffee", {"core": "1.0.0"})
    assert (core.tag, core.previous, core.bump) == ("core-v1.0.0", "0.9.0", "major")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"commit": "c", "packages": [{}]}', b'{"commit": "c", "packages": 1}']
)
def test_what_is_no_plan_is_named(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_plan(data, "plan.json")
    assert str(caught.value) == "plan.json is no release plan\n\nhint: write one with `piot plan --json`"


def test_a_version_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match="is not a version"):
        parse_plan(json.dumps({"commit": "c", "packages": [{**ROW, "version": "1.0"}]}).encode(), "p")
