"""Signatures, digests under a signature, and patterns of paths."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from piot.effects import stats
from piot.errors import MachineError


def test_what_is_not_there_has_no_signature(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    found = stats.signatures(tmp_path, ["f", "gone", "f/below"])
    assert [path for path, signature in found.items() if signature] == ["f"]
    assert list(found) == ["f", "gone", "f/below"]


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
def test_a_link_has_a_signature_of_its_own_unless_followed(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    (tmp_path / "link").symlink_to("f")
    own = stats.signatures(tmp_path, ["link"])["link"]
    followed = stats.signatures(tmp_path, ["link", "f"], follow=True)
    assert own and stats.is_link(own)
    assert followed["link"] == followed["f"] != own


@pytest.mark.skipif(os.name == "nt", reason="needs a name that cannot be looked up")
def test_what_cannot_be_looked_at_is_one_clear_error() -> None:
    name = "x" * 300
    with pytest.raises(MachineError) as caught:
        stats.signatures(None, [f"/{name}"])
    assert caught.value.message == f"cannot look at /{name}: File name too long"


@pytest.mark.parametrize("size", [0, 1, 5000, (1 << 20) - 1, 1 << 20, (1 << 21) + 7])
def test_a_digest_comes_with_the_signature_of_the_same_file(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "f").write_bytes(data)
    found = stats.hashed(str(tmp_path / "f"))
    assert found == (stats.signatures(tmp_path, ["f"])["f"], hashlib.sha256(data).hexdigest())


def test_what_is_no_file_has_no_digest(tmp_path: Path) -> None:
    assert stats.hashed(str(tmp_path / "gone")) is None
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe")
        assert stats.hashed(str(tmp_path)) is None
        assert stats.hashed(str(tmp_path / "pipe")) is None


def test_a_file_that_is_written_to_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    read, writes = os.read, iter([b"changed", b"changed again"])

    def interrupted(number: int, count: int) -> bytes:
        data = read(number, count)
        if text := next(writes, None):
            path.write_bytes(text)
        return data

    monkeypatch.setattr(os, "read", interrupted)
    found = stats.hashed(str(path))
    assert found and found[1] == hashlib.sha256(b"changed again").hexdigest()


def test_a_file_that_never_rests_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    read = os.read

    def restless(number: int, count: int) -> bytes:
        data = read(number, count)
        if data:
            path.write_bytes(data + b"x")
        return b""

    monkeypatch.setattr(os, "read", restless)
    with pytest.raises(MachineError) as caught:
        stats.hashed(str(path))
    assert caught.value.message == f"{path} changes all the time"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a/x.so", ["a/x.so"]),
        ("a/gone", []),
        ("a/*.so", ["a/x.so", "a/y.so"]),
        ("*/x.so", ["a/x.so", "b/x.so"]),
        ("*/sub/z", ["b/sub/z"]),
        ("a/*/z", []),
        ("*/y*", ["a/y.so", "a/y.txt"]),
        ("b/**", ["b/sub/z", "b/x.so"]),
        ("*/**", ["a/x.so", "a/y.so", "a/y.txt", "b/sub/z", "b/x.so"]),
        ("gone/**", []),
    ],
)
def test_a_star_stands_for_any_part_of_one_name(tmp_path: Path, pattern: str, found: list[str]) -> None:
    for name in ("a/x.so", "a/y.so", "a/y.txt", "b/x.so", "b/sub/z"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    base = tmp_path.as_posix()
    assert stats.matching(f"{base}/{pattern}") == tuple(f"{base}/{name}" for name in found)
