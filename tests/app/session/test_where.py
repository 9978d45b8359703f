from __future__ import annotations

from pathlib import Path

import pytest

from piot.app.session.where import Where


@pytest.mark.parametrize(("start", "below"), [(".", ""), ("a/b", "a/b"), ("..", ""), ("../other", "")])
def test_the_folder_that_piot_was_started_in_is_told_from_the_root(
    tmp_path: Path, start: str, below: str
) -> None:
    place = (tmp_path / start).resolve()
    assert Where(directory=place, environ={}).below(tmp_path.resolve()) == below


def test_the_environment_is_not_shown() -> None:
    assert "secret" not in repr(Where(directory=Path("/x"), environ={"TOKEN": "secret"}))
