"""Several files written together."""

from __future__ import annotations

from pathlib import Path

import pytest

from piot.effects import files
from piot.effects.rewriting import rewrite
from piot.errors import InputError, MachineError


def listing(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_files_are_changed_and_made_and_modes_stay(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("old")
    (tmp_path / "run").chmod(0o755)
    rewrite(tmp_path, {"run": "new\r\n", "sub/made": "é"})
    assert (tmp_path / "run").read_bytes() == b"new\r\n"
    assert listing(tmp_path) == {"run": "new\n", "sub/made": "é"}
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "sub/made").stat().st_mode & 0o777 == 0o644


def test_a_link_stays_one_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    rewrite(tmp_path, {"link": "new"})
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_text() == "new"


def test_a_link_out_of_the_checkout_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside").write_text("old")
    (root / "link").symlink_to("../outside")
    with pytest.raises(InputError) as caught:
        rewrite(root, {"a": "new", "link": "new"})
    assert str(caught.value) == f"link is a link to {tmp_path}/outside, which lies outside of the checkout"
    assert listing(tmp_path) == {"outside": "old", "root/link": "old"}


def test_when_one_cannot_be_written_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("old")
    write_new = files.write_new

    def full(path: Path, data: bytes, mode: int) -> None:
        if ".b." in path.name:
            raise MachineError(f"cannot write {path}: No space left on device")
        write_new(path, data, mode)

    monkeypatch.setattr(files, "write_new", full)
    with pytest.raises(MachineError, match="No space left"):
        rewrite(tmp_path, {"a": "new", "b": "new"})
    assert listing(tmp_path) == {"a": "old", "b": "old"}
