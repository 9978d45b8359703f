"""The last result of every action, to say why it runs again."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.model.digest import Digest
from piot.run.history import History

KEY, OTHER = Digest.of(b"key"), Digest.of(b"other")
PARTS = {"file a": "1", "sandbox": "dir"}


def test_what_is_kept_is_known_to_the_next_run(tmp_path: Path) -> None:
    History(tmp_path / "last").keep("//a:b", KEY, PARTS, 1.23456)
    record = History(tmp_path / "last").last("//a:b")
    assert record is not None
    assert (record.key, record.parts, record.seconds) == (str(KEY), PARTS, 1.235)
    assert History(tmp_path / "last").last("//a:c") is None


def test_it_knows_the_key_of_the_last_result(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert not history.knows("//a:b", KEY)
    history.keep("//a:b", KEY, PARTS, 1)
    history.keep_aside("//a:b", OTHER, PARTS, 1)
    for each in (history, History(tmp_path)):
        assert each.knows("//a:b", KEY)
        assert not each.knows("//a:b", OTHER) and not each.knows("//a:c", KEY)


def test_a_later_result_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.keep("//a:b", KEY, PARTS, 1)
    history.keep("//a:b", OTHER, {"file a": "2"}, 2)
    assert len(list(tmp_path.iterdir())) == 1
    for each in (history, History(tmp_path)):
        record = each.last("//a:b")
        assert record is not None and record.key == str(OTHER)


def test_the_same_result_is_not_written_again(tmp_path: Path) -> None:
    History(tmp_path).keep("//a:b", KEY, PARTS, 1)
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns, file.stat().st_ino
    History(tmp_path).keep("//a:b", KEY, PARTS, 2)
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == before


def test_why_something_runs(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.reason("//a:b", PARTS) == "not built here before"
    history.keep("//a:b", KEY, PARTS, 1)
    assert history.reason("//a:b", {**PARTS, "file a": "2"}) == "input changed: a"
    assert history.reason("//a:b", PARTS) == "its result is no longer in the store"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": 1}', b"\xff"])
def test_a_damaged_record_counts_as_none(tmp_path: Path, content: bytes) -> None:
    History(tmp_path).keep("//a:b", KEY, PARTS, 1)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert History(tmp_path).last("//a:b") is None
    assert History(tmp_path).keys_of("//a:b") == ()


def test_a_record_that_another_process_just_replaced_counts_as_none(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.keep("//a:b", KEY, PARTS, 1)
    (file,) = tmp_path.iterdir()
    file.unlink()
    assert history.last("//a:b") is None
    history.keep("//a:b", OTHER, PARTS, 1)
    assert history.last("//a:b") is not None


def test_the_keys_of_a_target_are_those_of_all_its_actions(tmp_path: Path) -> None:
    history = History(tmp_path)
    keys = [Digest.of(bytes([number])) for number in range(4)]
    for name, key in zip(("//a:b", "//a:b@triple=x#deps", "//a:b#more", "//a:bc"), keys, strict=True):
        history.keep(name, key, PARTS, 1)
    assert set(history.keys_of("//a:b")) == set(keys[:3])
