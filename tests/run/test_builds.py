"""The last builds of a checkout: numbered, bounded, and none the worse for a damaged one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from piot.model.build_record import BuildRecord, RecordedAction
from piot.model.digest import Digest
from piot.run import builds
from piot.run.builds import Builds
from piot.run.history import History

RECORD = BuildRecord(
    words=("build", "//..."),
    started_ns=5,
    seconds=1.5,
    status="failed",
    error="no",
    actions=(RecordedAction(id="//:a", label="//:a", does="cc", status="ran", started=0.5, after=("//:b",)),),
    cached={"//:b": "0" * 64},
)


def test_what_is_kept_is_read_back_and_numbered_from_1(tmp_path: Path) -> None:
    kept = Builds(tmp_path / "builds")
    assert (kept.last(), kept.numbers(), kept.read(1)) == (None, (), None)
    assert [kept.keep(RECORD), Builds(tmp_path / "builds").keep(RECORD)] == [1, 2]
    assert (kept.last(), kept.read(1)) == ((2, RECORD), RECORD)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"schema": 2}', b'{"schema": 1, "status": "done"}', b"\xff"]
)
def test_a_damaged_record_counts_as_none_and_its_number_as_taken(tmp_path: Path, content: bytes) -> None:
    kept = Builds(tmp_path / "builds")
    kept.keep(RECORD)
    kept.keep(RECORD)
    (tmp_path / "builds/2.json").write_bytes(content)
    assert (kept.read(2), kept.last()) == (None, (1, RECORD))
    assert kept.keep(RECORD) == 3


def test_only_the_last_are_kept_with_the_earlier_results_that_they_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builds, "KEPT", 2)
    kept = Builds(tmp_path / "builds")
    keys = [Digest.of(bytes([number])) for number in range(4)]
    for number, key in enumerate(keys, start=1):
        History(tmp_path / "last").keep("//:a", key, {"n": str(number)}, 1)
        for path in (tmp_path / "earlier").glob("*"):
            if path.stat().st_mtime > 10_000:  # written just now: give it the time of its build
                os.utime(path, (number * 10, number * 10))
        kept.keep(RECORD)
        os.utime(tmp_path / f"builds/{number}.json", (number * 10 + 5, number * 10 + 5))
    assert kept.numbers() == (3, 4)
    history = History(tmp_path / "last")
    found = [history.at("//:a", key.hash) for key in keys]
    assert [None if each is None else each.parts["n"] for each in found] == [None, "2", "3", "4"]
