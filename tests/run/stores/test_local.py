"""The local store: what is read is what was put, whatever dies, fills up or rots."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from piot.errors import InputError, MachineError
from piot.model.digest import EMPTY, Digest
from piot.model.result import ActionResult, OutputDirectory, OutputFile
from piot.model.tree import Directory, FileNode, TreeBuilder, encode_directory
from piot.run.stores.blobs import SMALL
from piot.run.stores.local import LocalStore, Missing

KEY = Digest.of(b"action")
BIG = b"x" * (SMALL + 1)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def damage(store: LocalStore, digest: Digest, data: bytes) -> None:
    path = store.blob_path(digest)
    path.chmod(0o644)
    path.write_bytes(data)


def with_file(store: LocalStore, data: bytes = b"out") -> ActionResult:
    return ActionResult(files=(OutputFile(path="out", digest=store.put_bytes(data)),))


def with_directory(store: LocalStore) -> ActionResult:
    builder = TreeBuilder()
    builder.add_file("deep/file", store.put_bytes(b"inner"))
    tree = builder.build()
    store.put_tree(tree)
    directory = OutputDirectory(path="out", root=tree.root, tree=store.put_bytes(b"tree"))
    return ActionResult(directories=(directory,), stdout=store.put_bytes(b"log"))


@pytest.mark.parametrize("data", [b"", b"small", BIG])
def test_bytes_and_files_come_back_under_their_digest_read_only(
    store: LocalStore, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "file").write_bytes(data)
    digest = store.put_file(tmp_path / "file")
    assert digest == store.put_bytes(data) == Digest.of(data)
    assert store.has(digest)
    assert store.read(digest) == data
    assert store.blob_path(digest).stat().st_mode & 0o777 == 0o444
    assert store.written == len(data)


def test_what_was_never_put_is_missing(store: LocalStore, tmp_path: Path) -> None:
    assert not store.has(KEY)
    assert store.get_result(KEY) is None
    assert store.get_memo("m", b"k") is None
    with pytest.raises(Missing) as caught:
        store.read(KEY)
    assert str(caught.value) == (
        f"the store has lost {KEY}\n\nhint: run it again: what is missing is made anew"
    )
    with pytest.raises(FileNotFoundError):
        store.put_file(tmp_path / "absent")


@pytest.mark.parametrize("big", [False, True])
def test_a_link_is_stored_as_its_target_only_when_that_is_wanted(
    store: LocalStore, tmp_path: Path, big: bool
) -> None:
    (tmp_path / "secret").write_bytes(BIG if big else b"s")
    (tmp_path / "link").symlink_to("secret")
    assert store.put_file(tmp_path / "link") == Digest.of(BIG if big else b"s")
    with pytest.raises(MachineError, match="symbolic link"):
        store.put_file(tmp_path / "link", follow=False)


def test_a_corrupt_blob_is_deleted_and_missing_then_stored_again(store: LocalStore) -> None:
    digest = store.put_bytes(b"good")
    damage(store, digest, b"evil")
    with pytest.raises(Missing):
        store.read(digest)
    assert not store.has(digest)
    store.put_bytes(b"good")
    assert store.read(digest) == b"good"


def test_a_blob_cut_short_by_a_power_cut_is_absent_and_replaced(store: LocalStore) -> None:
    digest = store.put_bytes(b"good")
    damage(store, digest, b"")
    assert not store.has(digest)
    store.put_bytes(b"good")
    assert store.read(digest) == b"good"


def test_a_big_corrupt_blob_is_noticed_when_checked(store: LocalStore, tmp_path: Path) -> None:
    digest = store.put_bytes(BIG)
    damage(store, digest, BIG[:-1] + b"!")
    with pytest.raises(Missing):
        store.copy_to(digest, tmp_path / "out", mode=0o644, mtime=None, checked=True)
    assert not (tmp_path / "out").exists()
    assert not store.has(digest)


@pytest.mark.parametrize("make", [with_file, with_directory])
def test_a_result_comes_back_as_it_was_put(store: LocalStore, make: object) -> None:
    result = with_file(store) if make is with_file else with_directory(store)
    store.put_result(KEY, result)
    assert LocalStore(store.root).get_result(KEY) == result


def test_a_result_that_lost_any_blob_is_a_miss(store: LocalStore) -> None:
    result = with_directory(store)
    for lost in set(store.needed(result)):
        store.put_result(KEY, result := with_directory(store))
        assert store.get_result(KEY) == result
        store.blob_path(lost).unlink()
        assert store.get_result(KEY) is None


def test_a_result_is_not_recorded_before_its_blobs(store: LocalStore) -> None:
    result = ActionResult(files=(OutputFile(path="out", digest=Digest.of(b"never put")),))
    with pytest.raises(Missing):
        store.put_result(KEY, result)
    assert store.get_result(KEY) is None


def test_a_failure_is_never_kept(store: LocalStore) -> None:
    store.put_result(KEY, ActionResult(exit_code=1))
    assert store.get_result(KEY) is None


@pytest.mark.parametrize("left", [0, 10, 40])
def test_a_result_cut_short_is_a_miss_and_not_a_success_without_outputs(store: LocalStore, left: int) -> None:
    store.put_result(KEY, with_file(store))
    path = store.path_of("results", KEY.hash)
    path.write_bytes(path.read_bytes()[:left])
    assert store.get_result(KEY) is None


def test_memos_are_told_apart_by_name_and_key(store: LocalStore) -> None:
    store.put_memo("probe", b"rustc", b"1.80")
    store.put_memo("probe", b"rustc", b"1.81")
    store.put_memo("other", b"rustc", b"")
    assert store.get_memo("probe", b"rustc") == b"1.81"
    assert store.get_memo("other", b"rustc") == b""
    assert store.get_memo("probe", b"zig") is None


def test_an_unpacked_tree_is_read_only_with_one_time_and_made_once(store: LocalStore) -> None:
    builder = TreeBuilder()
    builder.add_file("bin/tool", store.put_bytes(b"#!"), executable=True)
    builder.add_file("bin/data", store.put_bytes(BIG))
    builder.add_symlink("tool", "bin/tool")
    builder.add_empty("empty")
    tree = builder.build()
    store.put_tree(tree)
    path = store.tree_path(tree.root)
    found = {
        p.relative_to(path).as_posix(): (oct(p.lstat().st_mode & 0o777), p.stat().st_mtime)
        for p in path.rglob("*")
        if not p.is_symlink()
    }
    assert found == {
        "bin": ("0o555", 946684800.0),
        "bin/data": ("0o444", 946684800.0),
        "bin/tool": ("0o555", 946684800.0),
        "empty": ("0o555", 946684800.0),
    }
    assert (path / "tool").read_bytes() == b"#!"
    assert (path / "bin/data").stat().st_ino != store.blob_path(Digest.of(BIG)).stat().st_ino
    inode = path.stat().st_ino
    assert store.tree_path(tree.root).stat().st_ino == inode


def test_an_unpacked_tree_that_lacks_a_blob_is_not_half_there(store: LocalStore) -> None:
    builder = TreeBuilder()
    builder.add_file("a", store.put_bytes(b"a"))
    builder.add_file("b", Digest.of(b"never put"))
    tree = builder.build()
    store.put_tree(tree)
    with pytest.raises(Missing):
        store.tree_path(tree.root)
    assert [p.name for p in (store.root / "tmp").iterdir()] == []
    store.put_bytes(b"never put")
    assert sorted(p.name for p in store.tree_path(tree.root).iterdir()) == ["a", "b"]


def test_a_stored_directory_with_an_evil_name_is_refused(store: LocalStore) -> None:
    evil = encode_directory(Directory(files=(FileNode(name="../evil", digest=EMPTY),)))
    store.put_bytes(b"")
    digest = store.put_bytes(evil)
    with pytest.raises(InputError, match=r"not the name of a file: '\.\./evil'"):
        store.tree_path(digest)


def test_threads_that_unpack_one_tree_agree(store: LocalStore) -> None:
    builder = TreeBuilder()
    for number in range(50):
        builder.add_file(f"{number}", store.put_bytes(b"%d" % number))
    tree = builder.build()
    store.put_tree(tree)
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(list(store.tree_path(tree.root).iterdir()))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 4


WRITER = """
import sys
from pathlib import Path
from piot.model.digest import Digest
from piot.model.result import ActionResult, OutputFile
from piot.run.stores.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
print("go", flush=True)
for number in range(int(sys.argv[2])):
    data = b"%d" % (number % 50) * 300_000
    result = ActionResult(files=(OutputFile(path="out", digest=store.put_bytes(data)),))
    store.put_result(Digest.of(b"%d" % (number % 50)), result)
"""


def start_writer(store: LocalStore, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(store.root), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def check_whole(store: LocalStore) -> int:
    """Every result there is right; returns how many there are."""
    hits = 0
    for number in range(50):
        result = store.get_result(Digest.of(b"%d" % number))
        if result:
            hits += 1
            assert store.read(result.files[0].digest) == b"%d" % number * 300_000
    return hits


def test_two_processes_that_put_the_same_keys_do_no_harm(store: LocalStore) -> None:
    writers = [start_writer(store, 100) for _ in range(2)]
    for writer in writers:
        with writer:
            assert writer.wait() == 0
    assert check_whole(store) == 50


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_process_that_is_killed_leaves_only_whole_results(store: LocalStore) -> None:
    for _ in range(3):
        with start_writer(store, 1_000_000) as writer:
            assert writer.stdout
            writer.stdout.readline()
            while not store.path_of("results", Digest.of(b"3").hash).exists():
                pass
            writer.send_signal(signal.SIGKILL)
        assert check_whole(store) > 0


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits there")
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(store: LocalStore) -> None:
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from piot.errors import MachineError\n"
        "from piot.run.stores.local import LocalStore\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    LocalStore(Path(sys.argv[1])).put_bytes(b'x' * 5000)\n"
        "except MachineError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, store.root], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"cannot write {store.root}/tmp/")
    assert done.stdout.endswith(
        ": File too large\n\n"
        "hint: raise the limit for file sizes (ulimit -f), or point PIOT_CACHE_DIR elsewhere\n"
    )
    assert list((store.root / "tmp").iterdir()) == []
    assert not store.has(Digest.of(b"x" * 5000))


def test_no_space_left_says_what_to_do(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_bytes(b"before")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(MachineError) as caught:
        store.put_bytes(b"after")
    monkeypatch.undo()
    assert caught.value.message.endswith(": No space left on device")
    assert caught.value.hint == (
        "free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk"
    )
    assert store.read(Digest.of(b"before")) == b"before"
    assert list((store.root / "tmp").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MachineError) as caught:
        LocalStore(tmp_path / "file" / "store").put_bytes(b"x")
    assert str(caught.value) == (
        f"cannot create the folder {tmp_path}/file/store/tmp: Not a directory\n\n"
        "hint: move the file that stands where a folder should be, or set PIOT_CACHE_DIR"
    )


def test_a_hit_counts_as_use_at_most_once_an_hour(store: LocalStore) -> None:
    store.put_result(KEY, with_file(store))
    path = store.path_of("results", KEY.hash)
    os.utime(path, (1, 1))
    assert store.get_result(KEY)
    used = path.stat().st_mtime
    assert used > 1
    assert store.get_result(KEY)
    assert path.stat().st_mtime == used


def test_who_waits_for_a_key_is_told_who_makes_it(store: LocalStore) -> None:
    told: list[str] = []
    held = store.lock(KEY, what="building //a:b")
    held.acquire()

    def on_wait(owner: str) -> None:
        told.append(owner)
        held.release()

    with store.lock(KEY, on_wait=on_wait):
        assert told == [f"pid {os.getpid()} (building //a:b)"]
