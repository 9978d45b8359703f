"""What a command line that builds asks for."""

from __future__ import annotations

import pytest

from piot.cli.build import request_of
from piot.cli.parser import parse
from piot.errors import UsageError


@pytest.mark.parametrize("verb", ["build", "run", "develop"])
def test_incremental_is_off_unless_asked_for(verb: str) -> None:
    requests = [request_of(parse([verb, "//:x", *more])) for more in ([], ["--incremental", "--no-cache"])]
    assert [(each.incremental, each.no_cache) for each in requests] == [(False, False), (True, True)]


def test_incremental_and_force_contradict_each_other() -> None:
    with pytest.raises(UsageError) as raised:
        request_of(parse(["build", "//:x", "--force", "--incremental"]))
    assert str(raised.value) == (
        "--incremental and --force exclude each other: one stores no result, the other a new one\n\n"
        "hint: --incremental --no-cache runs cargo though there is a result"
    )
