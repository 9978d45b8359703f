"""Sources get into the store as their key says, or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.model.digest import Digest
from piot.run.index import StatIndex
from piot.run.sources import Changed, SourceReader


class Memory:
    """A store of bytes."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}
        self.files: list[str] = []

    def has(self, digest: Digest, /) -> bool:
        return digest in self.blobs

    def put_bytes(self, data: bytes, /) -> Digest:
        self.blobs[Digest.of(data)] = data
        return Digest.of(data)

    def put_file(self, path: Path, /) -> Digest:
        self.files.append(path.name)
        return self.put_bytes(path.read_bytes())


@pytest.fixture
def store() -> Memory:
    return Memory()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "a").write_bytes(b"a")
    (folder / "b").write_bytes(b"b")
    return folder


def reader(root: Path, store: Memory, overlay: dict[str, bytes] | None = None) -> SourceReader:
    index = StatIndex(root.parent / "index", root, clock=lambda: time.time_ns() + 10_000_000_000)
    return SourceReader(root, index, store, overlay)


def test_what_is_ingested_is_what_the_digests_told(root: Path, store: Memory) -> None:
    sources = reader(root, store)
    assert sources.digests(["b", "a"]) == {"b": (Digest.of(b"b"), False), "a": (Digest.of(b"a"), False)}
    sources.ingest(["a", "b"])
    assert store.blobs == {Digest.of(b"a"): b"a", Digest.of(b"b"): b"b"}


def test_a_file_whose_bytes_are_in_the_store_is_not_read_again(root: Path, store: Memory) -> None:
    store.put_bytes(b"a")
    sources = reader(root, store)
    sources.ingest(["a", "b"])
    sources.ingest(["a", "b"])
    assert store.files == ["b"]


def test_a_file_that_was_edited_since_its_key_was_computed_is_noticed(root: Path, store: Memory) -> None:
    sources = reader(root, store)
    sources.digests(["a", "b"])
    (root / "a").write_bytes(b"edited")
    with pytest.raises(Changed) as caught:
        sources.ingest(["a", "b"])
    assert caught.value.paths == ("a",)
    assert str(caught.value) == "a changed while piot was looking"
    assert sources.digests(["a"]) == {"a": (Digest.of(b"edited"), False)}
    sources.ingest(["a", "b"])
    assert store.has(Digest.of(b"edited"))


def test_a_file_that_another_action_saw_change_does_not_pass_under_the_old_key(
    root: Path, store: Memory
) -> None:
    sources = reader(root, store)
    keyed = sources.digests(["a"])
    (root / "a").write_bytes(b"edited")
    with pytest.raises(Changed):
        sources.ingest(["a"])
    sources.digests(["a"])
    with pytest.raises(Changed):
        sources.ingest(["a"], keyed)


def test_an_edit_of_what_is_in_the_store_already_leaves_the_run_at_one_state(
    root: Path, store: Memory
) -> None:
    sources = reader(root, store)
    store.put_bytes(b"a")
    sources.digests(["a"])
    (root / "a").write_bytes(b"edited")
    sources.ingest(["a"])
    assert sources.digests(["a"]) == {"a": (Digest.of(b"a"), False)}


@pytest.mark.parametrize("when", ["before the digest", "after it"])
def test_a_file_that_vanished_is_a_change(root: Path, store: Memory, when: str) -> None:
    sources = reader(root, store)
    if when == "after it":
        sources.digests(["a"])
    (root / "a").unlink()
    with pytest.raises(Changed) as caught:
        sources.ingest(["a", "b"])
    assert caught.value.paths == ("a",)


def test_the_overlay_stands_before_the_disk_and_needs_no_file(root: Path, store: Memory) -> None:
    sources = reader(root, store, {"a": b"stamped", "new": b"made"})
    assert sources.digests(["a", "new"]) == {
        "a": (Digest.of(b"stamped"), False),
        "new": (Digest.of(b"made"), False),
    }
    sources.ingest(["a", "new"])
    sources.forget(["a"])
    assert sources.digests(["a"]) == {"a": (Digest.of(b"stamped"), False)}
    assert store.files == []
    assert set(store.blobs.values()) == {b"stamped", b"made"}


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_link_inside_stands_for_the_bytes_of_its_target(root: Path, store: Memory) -> None:
    (root / "link").symlink_to("a")
    sources = reader(root, store)
    sources.ingest(["link"])
    assert sources.digests(["link"]) == {"link": (Digest.of(b"a"), False)}
    assert list(store.blobs.values()) == [b"a"]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("name", ["folder", "link"])
def test_a_folder_in_the_place_of_a_file_is_one_clear_error(root: Path, store: Memory, name: str) -> None:
    (root / "folder").mkdir()
    (root / "link").symlink_to("folder")
    with pytest.raises(InputError) as caught:
        reader(root, store).digests(["a", name])
    assert str(caught.value) == (
        f"{name} is a folder or a link to one, where a file is expected\n\n"
        "hint: name the folder that the link leads to in `paths`, and take the link out with `!`"
    )


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links and pipes")
def test_what_can_never_be_read_as_a_file_is_one_clear_error(root: Path, store: Memory) -> None:
    (root / "link").symlink_to("absent")
    os.mkfifo(root / "pipe")
    with pytest.raises(InputError) as caught:
        reader(root, store).digests(["a", "link"])
    assert str(caught.value) == (
        "link is a link to absent, which is not there\n\n"
        "hint: correct the link, or take it out of `paths` with `!`"
    )
    with pytest.raises(InputError) as caught:
        reader(root, store).digests(["a", "pipe"])
    assert str(caught.value) == (
        "pipe is a pipe, a socket or a device, where a file is expected\n\n"
        "hint: take it out of `paths` with `!`"
    )


def test_what_was_learnt_is_kept_for_the_next_run(root: Path, store: Memory) -> None:
    sources = reader(root, store)
    sources.digests(["a"])
    sources.save()
    assert (root.parent / "index").is_file()
