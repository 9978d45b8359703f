"""The code that decides what a graph is."""

from __future__ import annotations

from pathlib import Path

from piot.app.session import code
from piot.load import build_files


def test_imported_modules_of_piot_count_and_others_do_not() -> None:
    found = code.files()
    assert {build_files.__file__, code.__file__} <= set(found)
    assert not any(Path(each).name == "pathlib.py" for each in found)
