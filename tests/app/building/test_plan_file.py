"""A release plan that was kept in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.building.plan_file import planned_versions
from piot.errors import InputError

PLAN = """\
{"schema": 1, "commit": "c", "packages": [{"name": "a", "version": "1.2.0", "tag": "a-v1.2.0"}],
 "kept": [{"name": "b", "version": "0.3.0"}, {"name": "c", "version": null}], "matrix": []}
"""


def test_it_has_planned_versions_and_those_of_the_last_releases(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(PLAN, encoding="utf-8")
    assert planned_versions(path) == {"a": "1.2.0", "b": "0.3.0"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no file {path}\n\nhint: write it: piot plan --json > {path}"),
        ("[1]", "{path} is no release plan\n\nhint: write one with `piot plan --json`"),
        ("{", "{path} is no release plan\n\nhint: write one with `piot plan --json`"),
    ],
)
def test_what_is_no_plan_is_said(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        planned_versions(path)
    assert str(caught.value) == message.replace("{path}", str(path))
