"""Libraries as pkg-config describes them, and programs: found, and other ones when their files differ."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from piot.app.machine.system import system_tool
from piot.model.toolchain import Lack, SystemTool
from piot.run.probe import Prober

pytestmark = pytest.mark.skipif(shutil.which("pkg-config") is None, reason="needs pkg-config")

PC = """\
Name: {name}
Description: for a test
Version: {version}
libdir={folder}/lib
includedir={folder}/include
Requires: {requires}
Libs: -L${{libdir}} -l{name}
Cflags: -I${{includedir}}/{name}-1
"""


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Two libraries, the second of which needs the first."""
    folder = tmp_path / "prefix"
    for path in ("lib/libpaper.so", "lib/libink.so", "include/paper-1/paper.h", "include/ink-1/sub/ink.h"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    (folder / "paper.pc").write_text(PC.format(name="paper", version="2.0", folder=folder, requires=""))
    (folder / "ink.pc").write_text(PC.format(name="ink", version="3.1", folder=folder, requires="paper"))
    for path in ("other", "include/zdict.h", "include/x86_64-linux-gnu/zconfig.h", "include/linux/fs.h"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(path)
    return folder


def look(prefix: Path, name: str) -> SystemTool | Lack:
    """As a first run on this machine would see it."""
    environ = {"PATH": "/usr/bin:/bin", "PKG_CONFIG_PATH": str(prefix)}
    cache = prefix.parent / f"cache-{len(list(prefix.parent.iterdir()))}"
    return system_tool(Prober(environ=environ, cache=cache), name, str(prefix))


def test_a_library_is_found_with_all_that_it_requires(prefix: Path) -> None:
    found = look(prefix, "ink")
    assert isinstance(found, SystemTool)
    assert (found.name, found.version, found.is_library) == ("ink", "3.1", True)
    assert found.search == ("%{tool:pkgconfig-ink}",)
    assert dict(found.programs)["pkgconfig-ink"] == str(prefix)
    wanted = {str(prefix / each) for each in ("lib", "include", "include/ink-1", "include/paper-1")}
    assert wanted <= {*found.roots}


@pytest.mark.parametrize(
    ("changed", "matters"),
    [
        ("lib/libink.so", True),
        ("lib/libpaper.so", True),
        ("include/ink-1/sub/ink.h", True),
        ("include/paper-1/paper.h", True),
        ("include/zdict.h", True),
        ("include/x86_64-linux-gnu/zconfig.h", True),
        ("include/linux/fs.h", False),
        ("other", False),
    ],
)
def test_a_library_is_another_one_when_its_files_differ(prefix: Path, changed: str, matters: bool) -> None:
    before = look(prefix, "ink")
    (prefix / changed).write_text("changed")
    after = look(prefix, "ink")
    assert isinstance(before, SystemTool) and isinstance(after, SystemTool)
    assert (before.digest != after.digest) == matters


def test_where_it_stands_is_not_what_it_is(prefix: Path, tmp_path: Path) -> None:
    """But for the .pc file, which says where."""
    moved = tmp_path / "moved"
    shutil.copytree(prefix, moved)
    for name in ("ink", "paper"):
        text = (moved / f"{name}.pc").read_text().replace(str(prefix), "${pcfiledir}")
        for folder in (prefix, moved):
            (folder / f"{name}.pc").write_text(text)
    one, other = look(prefix, "ink"), look(moved, "ink")
    assert isinstance(one, SystemTool) and isinstance(other, SystemTool)
    assert one == other


def test_a_program_is_found_by_its_name(prefix: Path) -> None:
    found = look(prefix, "sh") if shutil.which("bash") is None else look(prefix, "bash")
    assert isinstance(found, SystemTool)
    assert not found.is_library and found.program(found.name).startswith("/")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("no-such", "install no-such, with its development files if it is a library"),
        ("libno", "install libno, with its development files if it is a library"),
    ],
)
def test_what_is_not_there_is_lacking(prefix: Path, name: str, remedy: str) -> None:
    reason = "is neither a library that pkg-config finds nor a program on PATH"
    assert look(prefix, name) == Lack(candidate=name, reason=reason, remedy=remedy)
