"""Whatever is broken in a repository, there is a report, and never a crash."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from piot.app.check import check
from piot.app.session.where import Where
from tests.inspect.test_check import PROJECTS

ORIGINAL = PROJECTS / "checked"
FILES = sorted(path.relative_to(ORIGINAL).as_posix() for path in ORIGINAL.rglob("*") if path.is_file())
READ = [name for name in FILES if name.endswith((".toml", ".json", ".yml", ".lock", ".rs", ".py"))]
JUNK = (
    b"",
    b"\xff\xfe",
    b"[",
    b"{}",
    b"[]",
    b"null",
    b"a: [",
    b"[package]\n",
    b"[workspace]\n",
    b'[package]\nname = 1\nversion = {}\npublish = "x"\n[dependencies]\na = 1\nb = { path = 3 }\n',
    b"[project]\nname = 1\nurls = 3\ndependencies = [1]\n[tool]\nmaturin = 1\nhatch = 2\n",
    b'{"name": 1, "version": [], "files": 3, "bin": [1], "dependencies": [], "repository": {"url": 1}}',
    b"on: { push: [1] }\njobs: [1]\npermissions: [x]\n",
    b"jobs: { a: 1, b: { steps: 1, uses: [x] }, c: { steps: [1, { uses: {} }], environment: [] } }\n",
)

NEW = st.one_of(st.sampled_from(JUNK), st.integers(min_value=0, max_value=400))
"""What takes the place of a file: bytes, or so many bytes of it as there were."""


@settings(max_examples=40)
@given(
    broken=st.dictionaries(st.sampled_from(READ), NEW, min_size=1, max_size=4),
    gone=st.sets(st.sampled_from(FILES), max_size=3),
)
def test_a_repository_that_is_broken_in_any_way(broken: dict[str, bytes | int], gone: set[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "checkout"
        shutil.copytree(ORIGINAL, root)
        for name, new in broken.items():
            before = (root / name).read_bytes()
            (root / name).write_bytes(before[:new] if isinstance(new, int) else new)
        for name in gone - {"putitoutthere.toml"}:
            (root / name).unlink()
        found = check(Where(directory=root, environ={}))
        assert all(each.message and each.code for each in found)
        assert all((root / each.path).exists() for each in found if each.line)
