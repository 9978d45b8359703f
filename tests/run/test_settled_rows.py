"""Rows in parts: what was kept is found under the same state, whatever part it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.effects.stats import Signature
from piot.run import settled_rows
from piot.run.index import load_rows, save_rows
from piot.run.settled_rows import SettledRows

STATE: Signature = (1, 2, 3, 4, 5, 6)
OTHER: Signature = (1, 2, 3, 4, 5, 7)
ROWS = {f"packages/p{number % 10}/src/{number}": str(number) for number in range(100)} | {"top": "t"}


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are many."""
    monkeypatch.setattr(settled_rows, "EACH", 10)


def opened(folder: Path, under: Signature = STATE, total: int = len(ROWS)) -> SettledRows:
    return SettledRows(folder, load_rows, under=under, total=total)


def test_every_row_is_found_again(tmp_path: Path) -> None:
    opened(tmp_path, total=0).replace(STATE, ROWS, save_rows)
    again = opened(tmp_path)
    assert {path: again.get(path) for path in ROWS} == ROWS == again.all()
    assert again.get("packages/p1/src/none") is None


def test_a_folder_of_a_package_is_in_one_part(tmp_path: Path) -> None:
    loaded: list[Path] = []

    def load(path: Path) -> dict[str, object]:
        loaded.append(path)
        return load_rows(path)

    opened(tmp_path, total=0).replace(STATE, ROWS, save_rows)
    rows = SettledRows(tmp_path, load, under=STATE, total=len(ROWS))
    assert [rows.get(path) for path in ROWS if "/p3/" in path] == [
        row for path, row in ROWS.items() if "/p3/" in path
    ]
    assert len(loaded) == 1
    assert len([*tmp_path.iterdir()]) == 11


def test_rows_of_another_state_are_none(tmp_path: Path) -> None:
    opened(tmp_path, total=0).replace(STATE, ROWS, save_rows)
    assert opened(tmp_path, OTHER).all() == {}
    opened(tmp_path).replace(OTHER, {"top": "new"}, save_rows)
    assert opened(tmp_path, OTHER, 1).all() == {"top": "new"}
    assert opened(tmp_path).get("top") is None


def test_a_part_that_is_lost_or_damaged_is_empty(tmp_path: Path) -> None:
    opened(tmp_path, total=0).replace(STATE, ROWS, save_rows)
    first, *others = sorted(tmp_path.iterdir())
    first.unlink()
    others[0].write_bytes(b"nonsense")
    assert opened(tmp_path).all().items() < ROWS.items()


def test_what_is_forgotten_is_not_given_any_more(tmp_path: Path) -> None:
    opened(tmp_path, total=0).replace(STATE, ROWS, save_rows)
    rows = opened(tmp_path)
    rows.forget("top")
    rows.forget("never/there")
    assert rows.get("top") is None
