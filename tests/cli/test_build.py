"""What a command line that builds asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.cli.build import request_of
from piot.cli.parser import parse
from piot.errors import UsageError
from tests.cli.conftest import Piot


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


@pytest.mark.parametrize("verb", ["build", "test", "actions", "fetch"])
def test_all_that_no_platform_and_no_python_is_called_is_told_at_once(
    checkout: Path, piot: Piot, verb: str
) -> None:
    assert checkout.is_dir()
    assert piot(verb, "//...", "--python", "3", "--target", "foo") == (
        2,
        "",
        'error: unknown triple "foo" (a triple is spelled as by rustc (x86_64-unknown-linux-gnu) or by napi '
        '(linux-x64-gnu))\n"3" is not a Python version (write "3.12", "3.14t" (free-threaded) or '
        '"pypy3.11")\n',
    )
