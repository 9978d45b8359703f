"""The script that builds Python projects: what it packs again says nothing of who built it, and when."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from piot.api.python_scripts import BUILD

Settled = Callable[[Path], bytes]
EPOCH = 315532800


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Settled]:
    """The functions of the script; pypa/build stands aside, since nothing is built."""
    variables = {"PYTHON_FRONT_END": "", "PYTHON_PINS": str(tmp_path), "SOURCE_DATE_EPOCH": str(EPOCH)}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "build", ModuleType("build"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    names: dict[str, Settled] = {}
    exec(compile(BUILD, "build.py", "exec"), names)
    return names


def sdist(path: Path, *, swapped: bool) -> Path:
    """Two archives of the same files, packed by different people at different times."""
    files = {"p-1/setup.py": b"run", "p-1/same.py": b"x", "p-1/PKG-INFO": b"Name: p"}
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo("p-1")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o700 if swapped else 0o777
        archive.addfile(folder)
        for name in sorted(files, reverse=swapped):
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(files[name]), 1_700_000_000 + swapped
            info.mode = (0o755 if name.endswith("setup.py") else 0o600) | swapped * 0o20
            info.uname, info.uid = ("me", 1000) if swapped else ("you", 1001)
            archive.addfile(info, io.BytesIO(files[name]))
        for name, kind in (("p-1/hard.py", tarfile.LNKTYPE), ("p-1/soft.py", tarfile.SYMTYPE)):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, "p-1/same.py" if kind == tarfile.LNKTYPE else "same.py"
            archive.addfile(link)
    return path


def test_an_sdist_is_the_same_whoever_packed_it(script: dict[str, Settled], tmp_path: Path) -> None:
    first, second = (
        script["settled_tar"](sdist(tmp_path / name, swapped=swapped))
        for name, swapped in (("a.tar.gz", False), ("b.tar.gz", True))
    )
    assert first == second
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        found = archive.getmembers()
        assert {(each.mtime, each.uid, each.uname) for each in found} == {(EPOCH, 0, "")}
        assert [(each.name, oct(each.mode)) for each in found] == [
            ("p-1", "0o755"),
            ("p-1/PKG-INFO", "0o644"),
            ("p-1/hard.py", "0o644"),
            ("p-1/same.py", "0o644"),
            ("p-1/setup.py", "0o755"),
            ("p-1/soft.py", "0o644"),
        ]
        content = archive.extractfile("p-1/hard.py")
        assert content is not None and content.read() == b"x"
        assert archive.getmember("p-1/soft.py").linkname == "same.py"


def wheel(path: Path, time: tuple[int, int, int, int, int, int], mode: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in ("p/z.py", "p/a.py", "p-1.dist-info/RECORD"):
            info = zipfile.ZipInfo(name, time)
            info.external_attr = mode << 16
            archive.writestr(info, name * 9)
    return path


def test_a_wheel_is_the_same_whoever_packed_it(script: dict[str, Settled], tmp_path: Path) -> None:
    first = script["settled_zip"](wheel(tmp_path / "a.whl", (2001, 2, 3, 4, 5, 6), 0o100664))
    second = script["settled_zip"](wheel(tmp_path / "b.whl", (2011, 2, 3, 4, 5, 6), 0o100600))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.namelist() == ["p/z.py", "p/a.py", "p-1.dist-info/RECORD"]
        assert {oct(info.external_attr >> 16) for info in archive.infolist()} == {"0o100644"}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("p/a.py") == b"p/a.py" * 9
    executable = script["settled_zip"](wheel(tmp_path / "c.whl", (2001, 2, 3, 4, 5, 6), 0o100755))
    with zipfile.ZipFile(io.BytesIO(executable)) as archive:
        assert {oct(info.external_attr >> 16) for info in archive.infolist()} == {"0o100755"}
