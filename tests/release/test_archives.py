"""Archives of a folder: those that are of their checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from piot.errors import InputError
from piot.release.archives import archives


def write(path: Path, data: bytes, said: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest() if said is None else said
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")


def test_archives_come_with_their_checksums_and_other_files_are_left(tmp_path: Path) -> None:
    write(tmp_path / "linux/a-1.0.0.tar.gz", b"one")
    write(tmp_path / "windows/b-1.0.0.zip", b"two")
    write(tmp_path / "c.whl", b"of a registry")
    (tmp_path / "alone.zip").write_bytes(b"")
    assert [[each.name for each in pair] for pair in archives(tmp_path)] == [
        ["a-1.0.0.tar.gz", "a-1.0.0.tar.gz.sha256"],
        ["b-1.0.0.zip", "b-1.0.0.zip.sha256"],
    ]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path / "a.zip", b"one", said="0" * 64)
    write(tmp_path / "x/b.zip", b"two")
    write(tmp_path / "y/b.zip", b"three")
    with pytest.raises(InputError) as raised:
        archives(tmp_path)
    assert raised.value.message == (
        "archives are wrong, so nothing was sent:\n"
        f"  {tmp_path}/a.zip is not what a.zip.sha256 says\n"
        f"  {tmp_path}/x/b.zip and {tmp_path}/y/b.zip are different files of one name"
    )
