"""Keeping the store small and sound, beside other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from piot.model.digest import Digest
from piot.model.result import ActionResult, OutputDirectory, OutputFile
from piot.model.tree import TreeBuilder
from piot.run.stores.capture import capture
from piot.run.stores.local import LocalStore
from piot.run.stores.maintain import Collected, gc, info, remove, tidy, verify


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "store")


def put(store: LocalStore, name: str, size: int, *, used: int) -> Digest:
    """A result of one file of ``size`` bytes, both last used ``used`` hours after the beginning."""
    digest = store.put_bytes(name.encode() * size)
    key = Digest.of(name.encode())
    store.put_result(key, ActionResult(files=(OutputFile(path="out", digest=digest),)))
    for path in (store.blob_path(digest), store.path_of("results", key.hash)):
        os.utime(path, (used * 3600, used * 3600))
    return key


def test_what_was_not_used_for_longest_goes_first(store: LocalStore) -> None:
    keys = [put(store, name, 1000, used=used) for name, used in (("b", 2), ("a", 1), ("c", 3))]
    store.close()
    done = gc(store, 2500)
    assert [store.peek_result(key) is not None for key in keys] == [True, False, True]
    assert done.removed == 2
    assert done.kept <= 2500
    assert info(store).blobs == 2


def test_an_old_blob_stays_while_a_fresh_result_needs_it(store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "file").write_bytes(b"x" * 1000)
    fresh = capture(store, tmp_path, ["out"])
    for path in (store.root / "blobs").glob("*/*"):
        os.utime(path, (1, 1))
    old = put(store, "b", 1000, used=5)
    key = Digest.of(b"fresh")
    store.put_result(key, fresh)
    for path in (store.root / "blobs").glob("*/*"):
        if path.stat().st_size != 1000 or path.read_bytes()[:1] == b"x":
            os.utime(path, (1, 1))
    store.close()
    gc(store, 1900)
    assert store.get_result(key) == fresh
    assert store.get_result(old) is None


def test_everything_may_go_when_nobody_uses_the_store(store: LocalStore) -> None:
    put(store, "a", 1000, used=500_000)
    store.put_memo("m", b"k", b"v")
    tree = TreeBuilder()
    tree.add_file("f", store.put_bytes(b"f"))
    built = tree.build()
    store.put_tree(built)
    path = store.tree_path(built.root)
    store.close()
    assert gc(store, 0).kept == 0
    assert not path.exists()
    assert (info(store).total_bytes, info(store).results) == (0, 0)


def test_nothing_goes_that_a_running_session_uses(store: LocalStore) -> None:
    other = LocalStore(store.root)
    key = put(store, "a", 1000, used=1)
    old = put(store, "b", 1000, used=2)
    store.close()
    assert other.get_result(key)
    other.put_bytes(b"fresh")
    gc(store, 0)
    assert other.get_result(key)
    assert other.has(Digest.of(b"fresh"))
    assert store.peek_result(old) is None
    assert info(store).sessions == 1
    other.close()
    assert gc(store, 0).kept == 0


CRASH = """
import os, signal, sys
from pathlib import Path
from piot.effects import files
from piot.run.stores.local import LocalStore
store = LocalStore(Path(sys.argv[1]))
files.write_new(store.temporary(), b"half")
lock = store.lock(store.put_bytes(b"x"))
lock.acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_what_a_killed_process_left_is_swept(store: LocalStore) -> None:
    done = subprocess.run([sys.executable, "-c", CRASH, store.root], check=False)
    assert done.returncode == -signal.SIGKILL
    left = [p for name in ("tmp", "leases", "locks") for p in (store.root / name).rglob("*") if p.is_file()]
    assert len(left) == 3
    gc(store, 1 << 30)
    assert not any(path.exists() for path in left)
    assert store.has(Digest.of(b"x"))


def test_what_a_running_process_has_not_finished_stays(store: LocalStore) -> None:
    unfinished = store.temporary()
    unfinished.write_bytes(b"half")
    gc(LocalStore(store.root), 0)
    assert unfinished.exists()


def test_a_collection_beside_writers_breaks_no_result(store: LocalStore) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from piot.model.digest import Digest\n"
        "from piot.model.result import ActionResult, OutputFile\n"
        "from piot.run.stores.local import LocalStore\n"
        "store = LocalStore(Path(sys.argv[1]))\n"
        "for number in range(300):\n"
        "    digest = store.put_bytes(b'%d' % (number % 30) * 1000)\n"
        "    store.put_result(Digest.of(b'%d' % number), \n"
        "        ActionResult(files=(OutputFile(path='out', digest=digest),)))\n"
        "    assert store.get_result(Digest.of(b'%d' % number))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, store.root]) as writer:
        while writer.poll() is None:
            gc(store, 0)
    assert writer.returncode == 0


def test_damage_is_found_removed_and_its_results_forgotten(store: LocalStore) -> None:
    good, bad = put(store, "a", 10, used=1), put(store, "b", 10, used=1)
    blob = store.blob_path(Digest.of(b"b" * 10))
    blob.chmod(0o644)
    blob.write_bytes(b"c" * 10)
    report = verify(store)
    assert report.checked == 4
    assert report.corrupt == (blob.relative_to(store.root).as_posix(),)
    assert report.incomplete == (store.path_of("results", bad.hash).relative_to(store.root).as_posix(),)
    assert store.get_result(good)
    assert store.peek_result(bad) is None
    assert verify(store).corrupt == ()


def test_a_changed_unpacked_tree_is_removed_and_made_again(store: LocalStore) -> None:
    builder = TreeBuilder()
    builder.add_file("f", store.put_bytes(b"f"))
    tree = builder.build()
    store.put_tree(tree)
    path = store.tree_path(tree.root)
    assert verify(store).corrupt == ()
    (path / "f").chmod(0o644)
    (path / "f").write_bytes(b"!")
    assert verify(store).corrupt == (path.parent.relative_to(store.root).as_posix(),)
    assert (store.tree_path(tree.root) / "f").read_bytes() == b"f"


def test_removing_a_key_makes_it_a_miss(store: LocalStore) -> None:
    key = put(store, "a", 10, used=1)
    assert remove(store, key)
    assert not remove(store, key)
    assert store.get_result(key) is None


def test_an_absent_store_is_empty(store: LocalStore) -> None:
    found = info(store)
    assert (found.results, found.blobs, found.total_bytes, found.sessions) == (0, 0, 0, 0)
    assert verify(store).checked == 0
    assert not store.root.exists() or not any(store.root.iterdir())


def test_the_store_keeps_itself_under_its_size(store: LocalStore) -> None:
    put(store, "a", 1000, used=1)
    assert tidy(store, 10_000) == Collected(removed=0, freed=0, kept=info_size(store))
    assert tidy(store, 10_000) is None
    put(store, "b", 1000, used=2)
    assert tidy(store, 10_000) is None
    put(store, "c", 9000, used=3)
    collected = tidy(store, 10_000)
    assert collected
    assert (collected.freed > 2000, collected.kept <= 8000) == (True, True)


def info_size(store: LocalStore) -> int:
    results = sum(path.stat().st_size for path in (store.root / "results").glob("*/*"))
    return info(store).total_bytes + results


def test_a_session_that_added_nothing_does_not_look(store: LocalStore) -> None:
    assert tidy(store, 0) is None
    assert not store.root.exists()


def test_a_result_that_names_a_lost_directory_is_collected_without_fuss(store: LocalStore) -> None:
    tree = TreeBuilder().build()
    store.put_tree(tree)
    result = ActionResult(directories=(OutputDirectory(path="d", root=tree.root, tree=tree.root),))
    store.put_result(Digest.of(b"k"), result)
    store.blob_path(tree.root).unlink()
    store.close()
    assert gc(store, 0).kept == 0
