"""Patches of third-party packages: what git's diff says, byte for byte, or nothing at all."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from piot.api.npm_patch import SCRIPT

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or shutil.which("git") is None, reason="needs Node.js and git"
)

NUMBERS = "".join(f"{number}\n" for number in range(1, 41))
CALL = 'require(process.argv[1])(process.argv[2], process.argv[3], "p.patch")'


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def diff(folder: Path, old: dict[str, bytes], new: dict[str, bytes]) -> bytes:
    """What git says of two folders, with the names that it gives to those of a repository."""
    write(folder / "a", old)
    write(folder / "b", new)
    (folder / "a").mkdir(parents=True, exist_ok=True)
    (folder / "b").mkdir(exist_ok=True)
    git = ("git", "diff", "--no-index", "--no-prefix", "--no-renames", "--text", "a", "b")
    return subprocess.run(git, cwd=folder, capture_output=True, check=False).stdout


def applied(folder: Path, old: dict[str, bytes], patch: bytes) -> subprocess.CompletedProcess[str]:
    """Lays ``patch`` over ``old`` in ``folder/x``."""
    write(folder / "x", old)
    write(folder, {"patch.cjs": SCRIPT.encode(), "p": patch})
    node = ("node", "-e", CALL, str(folder / "patch.cjs"), "x", "p")
    return subprocess.run(node, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a.js": b"one\ntwo\n"}, {"a.js": b"one\n2\n"}),
        ({"a.js": b"one\ntwo"}, {"a.js": b"one\ntwo\n"}),
        ({"a.js": b"one\ntwo\n"}, {"a.js": b"one\ntwo"}),
        ({"a.js": b"one\ntwo"}, {"a.js": b"1\ntwo"}),
        ({"a.js": b"one\r\ntwo\r\n"}, {"a.js": b"one\r\n2\r\n"}),
        ({"a.js": b"caf\xe9\n\xff\n"}, {"a.js": b"caf\xe9\n\xfe\n"}),
        ({"a.js": b"a\n\n\nb\n"}, {"a.js": b"a\n\nb\n\n"}),
        ({"lib/a.js": b"a\n", "b.js": b"b\n"}, {"lib/a.js": b"c\n"}),
        ({"b.js": b"b\n"}, {"b.js": b"b\n", "new/deep/a.js": b"--- a\n+++ b\n@@ -1 +1 @@\n"}),
        ({"b.js": b"--- x\n+++ y\n"}, {"b.js": b"-- x\n++ y\n"}),
        ({"b.js": b"b\n"}, {"b.js": b""}),
        (
            {"n": NUMBERS.encode()},
            {"n": NUMBERS.replace("\n3\n", "\n").replace("\n20\n", "\nx\ny\n").encode() + b"41\n"},
        ),
        ({"n": NUMBERS.encode()}, {"n": b"0\n" + NUMBERS.encode()}),
    ],
)
def test_what_git_says_is_what_is_made(tmp_path: Path, old: dict[str, bytes], new: dict[str, bytes]) -> None:
    done = applied(tmp_path, old, diff(tmp_path / "d", old, new))
    assert (done.returncode, done.stderr) == (0, "")
    assert files(tmp_path / "x") == new


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"a.js": b"one\nTWO\n"}, "p.patch does not fit a.js, line 2\n"),
        ({"a.js": b"one\n"}, "p.patch does not fit a.js, line 2\n"),
        ({"b.js": b"one\n"}, "p.patch changes a.js, which is not there\n"),
    ],
)
def test_one_for_another_version_is_refused(tmp_path: Path, there: dict[str, bytes], said: str) -> None:
    patch = diff(tmp_path / "d", {"a.js": b"one\ntwo\n"}, {"a.js": b"one\n2\n"})
    done = applied(tmp_path, there, patch)
    assert (done.returncode, done.stderr) == (1, said)
    assert files(tmp_path / "x") == there


def test_one_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    old = {"a.js": b"one\ntwo\n"}
    patch = diff(tmp_path / "d", old, {"a.js": b"one\n2\n"})
    done = applied(tmp_path, old, b"".join(patch.splitlines(keepends=True)[:-1]))
    assert (done.returncode, done.stderr) == (1, "p.patch does not fit a.js, line 3\n")


def test_one_that_moves_a_file_is_refused(tmp_path: Path) -> None:
    patch = b"diff --git a/a.js b/b.js\nsimilarity index 100%\nrename from a.js\nrename to b.js\n"
    done = applied(tmp_path, {"a.js": b""}, patch)
    assert (done.returncode, done.stderr) == (
        1,
        "p.patch does more than change lines: rename from a.js\n",
    )
