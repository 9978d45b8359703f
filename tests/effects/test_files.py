"""Files and folders: atomic, through no links, with one clear error each."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from piot.effects import files
from piot.errors import MachineError
from piot.model.digest import Digest


def test_a_file_is_replaced_whole_with_its_mode_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    before = os.umask(0o077)
    try:
        files.write_atomic(path, b"one")
        files.write_atomic(path, b"two", mode=0o755)
    finally:
        os.umask(before)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o755)
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_writing_over_a_link_replaces_the_link_not_its_target(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "link").symlink_to("precious")
    files.write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "precious").read_bytes() == b"old"
    assert not (tmp_path / "link").is_symlink()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    files.write_atomic(path, b"old")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(MachineError) as caught:
        files.write_atomic(path, b"new")
    monkeypatch.undo()
    assert caught.value.message.endswith("No space left on device")
    assert caught.value.hint == (
        "free some space, run `piot cache gc`, or point PIOT_CACHE_DIR at a larger disk"
    )
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"file": b"old"}


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_copy_is_a_file_of_its_own(tmp_path: Path, size: int) -> None:
    source, dest = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(size))
    assert files.copy_file(source, dest, 0o755, mtime=1_000_000_000) == size
    assert dest.read_bytes() == source.read_bytes()
    assert dest.stat().st_ino != source.stat().st_ino
    assert (dest.stat().st_mode & 0o777, dest.stat().st_mtime) == (0o755, 1_000_000_000)


def test_a_copy_works_where_the_kernel_cannot_do_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object) -> int:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "copy_file_range", unable, raising=False)
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    assert files.copy_file(tmp_path / "a", tmp_path / "b") == 3_000_000
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()


def test_a_copy_is_never_made_over_something_or_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"new")
    (tmp_path / "b").symlink_to("c")
    with pytest.raises(MachineError, match=r"cannot create .*/b: File exists"):
        files.copy_file(tmp_path / "a", tmp_path / "b")
    assert not (tmp_path / "c").exists()


def test_the_digest_of_a_copy_is_that_of_what_was_written(tmp_path: Path) -> None:
    data = os.urandom(2_500_000)
    (tmp_path / "a").write_bytes(data)
    digest = files.copy_hashed(tmp_path / "a", tmp_path / "b")
    assert digest == Digest.of(data) == files.hash_file(tmp_path / "b")
    (tmp_path / "l").symlink_to("a")
    with pytest.raises(MachineError, match=r"cannot read .*/l: Too many levels of symbolic links"):
        files.copy_hashed(tmp_path / "l", tmp_path / "c", follow=False)


def test_an_absent_file_stays_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.hash_file(tmp_path / "absent")
    with pytest.raises(FileNotFoundError):
        files.copy_file(tmp_path / "absent", tmp_path / "b")


def test_reading_a_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as caught:
        files.read_file(tmp_path)
    assert str(caught.value) == f"cannot read {tmp_path}: Is a directory"


def test_a_file_where_a_folder_should_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")
    with pytest.raises(MachineError) as caught:
        files.write_atomic(tmp_path / "cache" / "x" / "y", b"")
    assert str(caught.value) == (
        f"cannot create the folder {tmp_path}/cache/x: Not a directory\n\n"
        "hint: move the file that stands where a folder should be, or set PIOT_CACHE_DIR"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_writer_that_is_killed_leaves_old_or_new_but_never_half(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = (
        "import sys; from pathlib import Path; from piot.effects import files\n"
        "print('go', flush=True)\n"
        "while True:\n"
        "    for byte in (b'a', b'b'):\n"
        "        files.write_atomic(Path(sys.argv[1]), byte * 3_000_000)\n"
    )
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            writer.stdout.readline()
            while not path.exists():
                pass
            writer.send_signal(signal.SIGKILL)
        assert path.read_bytes() in (b"a" * 3_000_000, b"b" * 3_000_000)


def test_refreshing_touches_only_what_is_old(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"abc")
    os.utime(path, (1, 1))
    assert files.refresh(path) == 3
    touched = path.stat().st_mtime
    assert touched > 1
    assert files.refresh(path) == 3
    assert path.stat().st_mtime == touched
    assert files.refresh(tmp_path / "absent") is None


def test_a_file_is_told_from_one_that_takes_its_place_and_not_from_itself_when_it_is_used(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f"
    files.write_atomic(path, b"abc")
    os.utime(path, ns=(7, 1_234_567_890))
    before = files.identity(path)
    assert path.stat().st_mtime > 2
    assert files.identity(path) == before
    for _ in range(3):
        files.write_atomic(path, b"cba")
        assert files.identity(path) != before
    assert files.identity(tmp_path / "absent") is None
