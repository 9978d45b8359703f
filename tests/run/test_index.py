"""The index never tells an old digest, and reads no file twice that has not changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from piot.effects import stats
from piot.errors import InputError, MachineError
from piot.model.digest import Digest
from piot.run import index as index_module
from piot.run.index import Seen, StatIndex, load_rows, save_rows

LATER = 10_000_000_000
pytestmark = pytest.mark.skipif(os.name == "nt", reason="writes links and modes")


def later() -> int:
    """A clock that runs ahead, so that files just written look settled."""
    return time.time_ns() + LATER


class Reads:
    """Counts the files that are read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[str] = []
        monkeypatch.setattr(index_module, "hashed", self._hashed)

    def _hashed(self, path: str) -> tuple[stats.Signature, str] | None:
        self.paths.append(Path(path).name)
        return stats.hashed(path)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "f").write_bytes(b"one")
    return tmp_path / "root"


def opened(root: Path) -> StatIndex:
    return StatIndex(root.parent / "index", root, clock=later)


def test_a_file_that_settled_is_read_once_and_remembered_across_runs(root: Path, reads: Reads) -> None:
    first = opened(root)
    assert first.digest_of(["f"]) == {"f": (Digest.of(b"one"), False)}
    first.save()
    assert opened(root).digest_of(["f"]) == {"f": (Digest.of(b"one"), False)}
    assert reads.paths == ["f"]


def test_a_file_as_young_as_the_clock_of_a_file_system_is_read_again(root: Path, reads: Reads) -> None:
    index = StatIndex(root.parent / "index", root)
    index.digest_of(["f"])
    index.digest_of(["f"])
    assert reads.paths == ["f", "f"]


def test_a_change_within_one_tick_of_the_same_size_is_seen(root: Path) -> None:
    index = StatIndex(root.parent / "index", root)
    index.digest_of(["f"])
    then = (root / "f").stat().st_mtime_ns
    (root / "f").write_bytes(b"two")
    os.utime(root / "f", ns=(then, then))
    assert index.digest_of(["f"])["f"][0] == Digest.of(b"two")


def test_a_change_that_keeps_size_and_time_is_seen_by_the_other_time(root: Path) -> None:
    index = opened(root)
    index.digest_of(["f"])
    then = (root / "f").stat().st_mtime_ns
    time.sleep(0.02)
    (root / "f").write_bytes(b"two")
    os.utime(root / "f", ns=(then, then))
    assert index.digest_of(["f"])["f"][0] == Digest.of(b"two")


def test_a_file_that_was_renamed_over_is_read_again(root: Path) -> None:
    index = opened(root)
    index.digest_of(["f"])
    (root / "new").write_bytes(b"two")
    (root / "new").replace(root / "f")
    assert index.digest_of(["f"])["f"][0] == Digest.of(b"two")


def test_a_touched_file_keeps_its_digest(root: Path) -> None:
    index = opened(root)
    before = index.digest_of(["f"])
    os.utime(root / "f", ns=(1, 1))
    assert index.digest_of(["f"]) == before


def test_the_executable_bit_is_told_without_reading_twice(root: Path) -> None:
    (root / "f").chmod(0o755)
    assert opened(root).digest_of(["f"])["f"] == (Digest.of(b"one"), True)


def test_what_is_not_there_and_what_is_no_file_is_left_out(root: Path) -> None:
    (root / "folder").mkdir()
    (root / "to folder").symlink_to("folder")
    (root / "dangling").symlink_to("gone")
    index = opened(root)
    assert index.digest_of(["gone", "folder", "to folder", "dangling"]) == {}
    index.digest_of(["f"])
    (root / "f").unlink()
    assert index.digest_of(["f"]) == {}


def test_a_link_inside_counts_as_its_target_also_when_it_is_turned(root: Path, reads: Reads) -> None:
    (root / "g").write_bytes(b"two")
    (root / "link").symlink_to("f")
    index = opened(root)
    assert index.digest_of(["link"]) == {"link": (Digest.of(b"one"), False)}
    assert index.digest_of(["link"]) == {"link": (Digest.of(b"one"), False)}
    assert reads.paths == ["f"]
    (root / "link").unlink()
    (root / "link").symlink_to("g")
    assert index.digest_of(["link"]) == {"link": (Digest.of(b"two"), False)}


def test_a_link_that_leads_out_is_one_clear_error(root: Path) -> None:
    outside = root.parent / "outside"
    outside.write_text("x")
    (root / "link").symlink_to("../outside")
    with pytest.raises(InputError) as caught:
        opened(root).digest_of(["link"])
    assert str(caught.value) == (
        f"link is a link that leads out of the repository, to {outside}\n\n"
        "hint: put the file itself there, or take it out of `paths` with `!`"
    )


@pytest.mark.skipif(os.name != "nt" and os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_clear_error(root: Path) -> None:
    (root / "f").chmod(0)
    with pytest.raises(MachineError) as caught:
        opened(root).digest_of(["f"])
    assert caught.value.message == f"cannot read {root / 'f'}: Permission denied"


def test_a_forgotten_file_is_read_again(root: Path, reads: Reads) -> None:
    index = opened(root)
    index.digest_of(["f"])
    index.forget(["f", "never known"])
    index.digest_of(["f"])
    assert reads.paths == ["f", "f"]


def test_without_a_root_the_paths_are_absolute_and_links_may_lead_anywhere(root: Path) -> None:
    (root / "link").symlink_to("f")
    index = StatIndex(root.parent / "index", clock=later)
    link = str(root / "link")
    assert index.digest_of([link]) == {link: (Digest.of(b"one"), False)}


@pytest.mark.parametrize("damage", ["empty", "short", "flipped", "text", "folder", "other version"])
def test_a_damaged_index_counts_as_empty(root: Path, damage: str) -> None:
    index = opened(root)
    index.digest_of(["f"])
    index.save()
    file = root.parent / "index"
    data = file.read_bytes()
    file.unlink()
    match damage:
        case "empty":
            file.touch()
        case "short":
            file.write_bytes(data[:-3])
        case "flipped":
            file.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:])
        case "text":
            file.write_text("nonsense")
        case "other version":
            file.write_bytes(data.replace(b"piot index 3", b"piot index 2"))
        case _:
            file.mkdir()
    assert load_rows(file) == {}
    assert opened(root).digest_of(["f"]) == {"f": (Digest.of(b"one"), False)}


def test_nothing_is_written_when_nothing_was_learnt(root: Path) -> None:
    index = opened(root)
    index.save()
    assert not (root.parent / "index").exists()


@pytest.mark.parametrize(
    ("size", "read_again"), [(5, True), (100_000, False)], ids=["a small file", "a large one"]
)
def test_all_rows_are_written_again_only_for_what_costs_more_to_read(
    root: Path, reads: Reads, size: int, read_again: bool
) -> None:
    names = [f"n{number}" for number in range(200)]
    for name in names:
        (root / name).touch()
    first = opened(root)
    first.digest_of(names)
    first.save()
    (root / "n7").write_bytes(b"x" * size)
    second = opened(root)
    second.digest_of(names)
    second.save()
    reads.paths.clear()
    assert opened(root).digest_of(["n7"]) == {"n7": (Digest.of(b"x" * size), False)}
    assert reads.paths == (["n7"] if read_again else [])


def test_an_index_that_cannot_be_written_is_one_clear_error(root: Path) -> None:
    index = StatIndex(root / "f" / "index", root, clock=later)
    index.digest_of(["f"])
    with pytest.raises(MachineError) as caught:
        index.save()
    assert caught.value.message == f"cannot create the folder {root / 'f'}: File exists"


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.tuples(st.integers(), st.text("abc"))))
def test_rows_come_back_as_they_were_saved(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[str, tuple[int, str]]
) -> None:
    file = tmp_path_factory.mktemp("rows") / "folder" / "rows"
    save_rows(file, rows)
    assert load_rows(file) == rows


def seen_by_git(root: Path, *touched: str, state: int = 1, paths: tuple[str, ...] = ("f", "g")) -> StatIndex:
    seen = Seen((state, 0, 0, 0, 0, 0), frozenset(touched), lambda: paths)
    return StatIndex(root.parent / "index", root, clock=later, seen=seen)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were looked at."""
    found: list[str] = []

    def signatures(root: Path | None, paths: Iterable[str]) -> dict[str, stats.Signature | None]:
        found.extend(asked := list(paths))
        return stats.signatures(root, asked)

    monkeypatch.setattr(index_module, "signatures", signatures)
    return found


def test_what_git_saw_unchanged_is_not_looked_at_again(root: Path, looks: list[str]) -> None:
    (root / "g").write_bytes(b"two")
    first = seen_by_git(root)
    expected = first.digest_of(["f", "g"])
    first.save()
    del looks[:]
    again = seen_by_git(root, "g")
    assert again.digest_of(["f", "g"]) == expected
    assert looks == ["g"]
    again.save()
    assert seen_by_git(root).digest_of(["f", "g"]) == expected
    assert looks == ["g"]


def test_under_another_index_of_git_everything_is_looked_at(root: Path, looks: list[str]) -> None:
    first = seen_by_git(root)
    first.digest_of(["f"])
    first.save()
    (root / "f").write_bytes(b"other")
    del looks[:]
    assert seen_by_git(root, state=2).digest_of(["f"])["f"][0] == Digest.of(b"other")
    assert looks == ["f"]


def test_what_nobody_asked_for_is_compared_before_git_answers_for_it(root: Path) -> None:
    (root / "g").write_bytes(b"two")
    first = seen_by_git(root)
    first.digest_of(["f", "g"])
    first.save()
    (root / "g").write_bytes(b"new")
    second = seen_by_git(root, state=2)
    second.digest_of(["f"])
    second.save()
    assert seen_by_git(root, state=2).digest_of(["g"])["g"][0] == Digest.of(b"new")


def test_git_does_not_answer_for_what_it_does_not_track_nor_for_what_a_link_leads_to(root: Path) -> None:
    (root / "g").symlink_to("target")
    (root / "target").write_bytes(b"one")
    first = seen_by_git(root, paths=("g",))
    first.digest_of(["f", "g"])
    first.save()
    (root / "target").write_bytes(b"two")
    (root / "f").write_bytes(b"two")
    found = seen_by_git(root, paths=("g",)).digest_of(["f", "g"])
    assert [digest for digest, _ in found.values()] == [Digest.of(b"two")] * 2


def test_a_link_where_a_file_was_is_not_taken_for_the_file(root: Path) -> None:
    first = seen_by_git(root)
    first.digest_of(["f"])
    first.save()
    (root / "f").rename(root / "target")
    (root / "target").write_bytes(b"two")
    (root / "f").symlink_to("target")
    second = seen_by_git(root, state=2)
    assert second.digest_of(["f"])["f"][0] == Digest.of(b"two")
    second.save()
    assert seen_by_git(root, state=2).digest_of(["f"])["f"][0] == Digest.of(b"two")


def test_a_forgotten_file_is_read_again_whatever_git_saw(root: Path, reads: Reads) -> None:
    first = seen_by_git(root)
    first.digest_of(["f"])
    first.save()
    again = seen_by_git(root)
    again.forget(["f"])
    again.digest_of(["f"])
    assert reads.paths == ["f", "f"]
